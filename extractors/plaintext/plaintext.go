// Package plaintext reads what people type by hand: figures with grouped
// digits, tables saved in an old character set, words with somebody's telephone
// number among them.
//
// Sources that machines write do not need it. Sheets filled in by a researcher
// and project pages of civil-society networks do, and a figure misread there is
// a wrong number on a brief: what can be read in two ways is refused, never
// guessed.
package plaintext
