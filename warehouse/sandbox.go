package warehouse

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Sandbox answers SQL written by people. Each question runs in a process of its
// own, which ends with it: the process has an empty environment and folder, may
// open no file and no connection once the release is open, write nothing but its
// answer, and is killed when it takes too long. Limits of the kernel hold where
// DuckDB's own do not.
type Sandbox struct {
	// Command starts a process that calls SandboxProcess: the program itself
	// with a command for it. Required.
	Command []string
	// Time a question may take. 0: 10 seconds.
	Time time.Duration
	// Memory of DuckDB in megabytes; the process gets as much again and some.
	// 0: 256.
	Memory int
	// Rows of an answer; what is beyond is cut and said to be. 0: 10,000.
	Rows int
	// Bytes of an answer, cut in the same way. 0: 8 MiB.
	Bytes int
}

// Answer is what a Sandbox found.
type Answer struct {
	Result
	// Truncated says what cut the answer short: rows, bytes, or nothing.
	Truncated string
}

// Inexact is a number that somebody's SQL computed in floating point, such as a
// quotient, as DuckDB prints it. Nothing of this program makes any.
type Inexact string

// MarshalJSON writes a number, or text where JSON has no such number.
func (n Inexact) MarshalJSON() ([]byte, error) {
	if json.Valid([]byte(n)) {
		return []byte(n), nil
	}
	return json.Marshal(string(n))
}

var (
	// ErrSQL: the statement is wrong or not allowed. The error's text is for
	// the person who wrote it.
	ErrSQL = errors.New("the statement was refused")
	// ErrLimit: the statement took more time or memory than it may.
	ErrLimit = errors.New("the statement was stopped")
)

// maxStatement bounds the text of a question, in bytes.
const maxStatement = 64 << 10

// sandboxDatabase is what the release is called in the folder of the process,
// so that no message names a folder of the machine.
const sandboxDatabase = "hrinvest.duckdb"

// question is what the process is asked: the first line of its input.
type question struct {
	SQL    string `json:"sql"`
	Rows   int    `json:"rows"`
	Bytes  int    `json:"bytes"`
	Memory int    `json:"memory"` // MB
	CPU    int    `json:"cpu"`    // seconds
}

// message is a line of the process's output: columns first, then rows, and one
// that says how it ended. A value is the text DuckDB prints, or null.
type message struct {
	Columns   []Column  `json:"columns,omitempty"`
	Row       []*string `json:"row,omitempty"`
	End       bool      `json:"end,omitempty"`
	Truncated string    `json:"truncated,omitempty"`
	Refused   string    `json:"refused,omitempty"` // what is wrong with the statement
	Memory    string    `json:"memory,omitempty"`  // it ran out of memory
	Failed    string    `json:"failed,omitempty"`  // what is wrong with the process
}

func (s Sandbox) withDefaults() Sandbox {
	if s.Time == 0 {
		s.Time = 10 * time.Second
	}
	if s.Memory == 0 {
		s.Memory = 256
	}
	if s.Rows == 0 {
		s.Rows = 10_000
	}
	if s.Bytes == 0 {
		s.Bytes = 8 << 20
	}
	return s
}

// Ask answers one SELECT (or WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN)
// from the release at path. ErrSQL and ErrLimit say that the question was at fault.
func (s Sandbox) Ask(ctx context.Context, path, sql string) (*Answer, error) {
	s = s.withDefaults()
	switch {
	case len(s.Command) == 0:
		return nil, errors.New("asking in SQL: Sandbox.Command is empty")
	case strings.TrimSpace(sql) == "":
		return nil, fmt.Errorf("%w: there is none", ErrSQL)
	case len(sql) > maxStatement:
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrSQL, maxStatement)
	case strings.ContainsRune(sql, 0):
		return nil, fmt.Errorf("%w: it holds a null character", ErrSQL)
	}
	a, err := s.ask(ctx, path, sql)
	if err != nil && !errors.Is(err, ErrSQL) && !errors.Is(err, ErrLimit) {
		return nil, fmt.Errorf("asking in SQL: %w", err)
	}
	return a, err
}

func (s Sandbox) ask(ctx context.Context, path, sql string) (*Answer, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "hrinvest-sql-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.Symlink(path, filepath.Join(dir, sandboxDatabase)); err != nil {
		return nil, err
	}
	asked, err := json.Marshal(question{sql, s.Rows, s.Bytes, s.Memory, int(s.Time/time.Second) + 1})
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, s.Time)
	defer cancel()
	cmd := exec.CommandContext(within, s.Command[0], s.Command[1:]...)
	cmd.Dir, cmd.Env = dir, []string{}
	cmd.WaitDelay = time.Second
	// The input stays open: when this process dies the other sees it end, and
	// ends too.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var stderr head
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_, werr := stdin.Write(append(asked, '\n'))
	// What the process may send is bounded here too, should it be beside itself.
	a, rerr := readAnswer(io.LimitReader(stdout, 8*int64(s.Bytes)+4<<20))
	late := errors.Is(within.Err(), context.DeadlineExceeded)
	if rerr != nil {
		cancel()
	}
	// How the process went to its end does not matter: its answer has an end or
	// it has not.
	stdin.Close()
	cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case rerr == nil:
		return a, nil
	case errors.Is(rerr, ErrSQL), errors.Is(rerr, ErrLimit):
		return nil, rerr
	case late:
		return nil, fmt.Errorf("%w: it took longer than %v", ErrLimit, s.Time)
	case errors.Is(rerr, errCut):
		// Killed by a limit of the kernel, or broken down where an allocation
		// failed.
		if text := stderr.String(); strings.Contains(text, "sandbox:") {
			return nil, errors.New(strings.TrimSpace(text))
		}
		return nil, fmt.Errorf("%w: it needed more than %d MB of memory", ErrLimit, s.Memory)
	}
	return nil, errors.Join(rerr, werr)
}

// errCut: the answer has no end.
var errCut = errors.New("the answer breaks off")

func readAnswer(r io.Reader) (*Answer, error) {
	a := &Answer{}
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil, errCut
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return nil, fmt.Errorf("reading the answer: %w", err)
		}
		switch {
		case m.Refused != "":
			return nil, fmt.Errorf("%w: %s", ErrSQL, m.Refused)
		case m.Memory != "":
			return nil, fmt.Errorf("%w: %s", ErrLimit, m.Memory)
		case m.Failed != "":
			return nil, errors.New(m.Failed)
		case m.End:
			a.Truncated = m.Truncated
			return a, nil
		case m.Columns != nil:
			a.Columns = m.Columns
		case len(m.Row) != len(a.Columns):
			return nil, errors.New("reading the answer: a row does not fit its columns")
		default:
			row := make([]any, len(m.Row))
			for i, v := range m.Row {
				if v != nil {
					row[i] = typed(*v, a.Columns[i].Type)
				}
			}
			a.Rows = append(a.Rows, row)
		}
	}
}

// typed turns DuckDB's text of a value into what a Result holds; what it has no
// type for stays text.
func typed(text, typ string) any {
	base, _, _ := strings.Cut(typ, "(")
	switch base {
	case "BOOLEAN":
		return text == "true"
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT", "UHUGEINT":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if n, ok := new(big.Int).SetString(text, 10); ok {
			return Decimal{n, 0}
		}
	case "DECIMAL":
		whole, decimals, _ := strings.Cut(text, ".")
		if n, ok := new(big.Int).SetString(whole+decimals, 10); ok {
			return Decimal{n, len(decimals)}
		}
	case "DOUBLE", "FLOAT":
		return Inexact(text)
	case "DATE":
		if t, err := time.Parse(time.DateOnly, text); err == nil {
			return t
		}
	case "TIMESTAMP":
		if t, err := time.Parse("2006-01-02 15:04:05.999999", text); err == nil {
			return t
		}
	}
	return text
}

// head keeps the start of what is written to it.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	if room := 4<<10 - h.Len(); room > 0 {
		h.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
