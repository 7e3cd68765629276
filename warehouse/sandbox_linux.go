package warehouse

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// shutIn gives up, for good, what answering needs no more. No file and no
// connection can be opened (those that are open stay), nothing can be written to
// a file, and memory and processor time end where they are told to.
func shutIn(memory, cpu int) error {
	size, err := addressSpace()
	if err != nil {
		return err
	}
	// DuckDB's limit does not hold for every function, and Go and the answer
	// want some: twice the limit and 256 MB above what is mapped now.
	room := size + uint64(2*memory+256)<<20
	for _, l := range []struct {
		what     int
		name     string
		at, hard uint64
	}{
		{unix.RLIMIT_AS, "memory", room, room},
		{unix.RLIMIT_CPU, "processor time", uint64(cpu), uint64(cpu)},
		{unix.RLIMIT_FSIZE, "file size", 0, 0},
		{unix.RLIMIT_CORE, "core dump", 0, 0},
		{unix.RLIMIT_NOFILE, "open files", 0, 0},
	} {
		if err := unix.Setrlimit(l.what, &unix.Rlimit{Cur: l.at, Max: l.hard}); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("privileges: %w", err)
	}
	return unix.Setpriority(unix.PRIO_PROCESS, 0, 10) // pages come first
}

// addressSpace is what the process has mapped, in bytes.
func addressSpace() (uint64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	pages, _, _ := strings.Cut(string(b), " ")
	n, err := strconv.ParseUint(pages, 10, 64)
	return n * uint64(os.Getpagesize()), err
}
