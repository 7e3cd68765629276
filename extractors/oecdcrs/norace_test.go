//go:build !race

package oecdcrs

const raceEnabled = false
