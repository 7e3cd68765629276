package warehouse

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/marcboeker/go-duckdb"
)

// SandboxProcess is the life of a process a Sandbox starts: it reads one question,
// shuts itself in, answers and returns. What goes wrong is part of the answer.
func SandboxProcess(in io.Reader, out io.Writer) error {
	r := bufio.NewReader(in)
	line, err := r.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("sandbox: reading the question: %w", err)
	}
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return fmt.Errorf("sandbox: reading the question: %w", err)
	}
	go func() {
		io.Copy(io.Discard, r)
		os.Exit(1) // whoever asked has gone
	}()
	w := bufio.NewWriterSize(out, 64<<10)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := answerQuestion(context.Background(), q, enc.Encode); err != nil {
		if err := enc.Encode(refusal(err)); err != nil {
			return err
		}
	}
	return w.Flush()
}

// refused is an error in the statement, in words for the person who wrote it.
type refused struct{ error }

func refusal(err error) message {
	var r refused
	if !errors.As(err, &r) {
		return message{Failed: err.Error()}
	}
	text := r.Error()
	switch {
	case strings.Contains(text, "Cannot prepare multiple statements"):
		return message{Refused: "there is more than one; ask one at a time"}
	case strings.Contains(text, "Out of Memory Error"), strings.Contains(text, "bad_alloc"), strings.Contains(text, "failed to allocate"), strings.Contains(text, "could not allocate"):
		return message{Memory: "it needed more memory than it may use"}
	case strings.Contains(text, "Permission Error"), strings.Contains(text, "disabled through configuration"), strings.Contains(text, "disabled by configuration"):
		return message{Refused: "it can read the tables of the release and nothing else (" + text + ")"}
	}
	return message{Refused: text}
}

func answerQuestion(ctx context.Context, q question, send func(any) error) error {
	conn, err := openForStranger(ctx, q)
	if err != nil {
		return err
	}
	statement, err := readOnly(ctx, conn, q.SQL)
	if err != nil {
		return err
	}
	columns, query, err := statement.prepare(ctx, conn, q.Rows)
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return refused{err}
	}
	defer rows.Close()
	if err := send(message{Columns: columns}); err != nil {
		return err
	}
	values := make([]*string, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	bytes := 0
	for n := 0; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		bytes += 2 * len(values)
		for _, v := range values {
			if v != nil {
				bytes += len(*v)
			}
		}
		switch {
		case n == q.Rows:
			return send(message{End: true, Truncated: "rows"})
		case bytes > q.Bytes:
			return send(message{End: true, Truncated: "bytes"})
		}
		if err := send(message{Row: values}); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return refused{err}
	}
	return send(message{End: true})
}

// openForStranger opens the release in the working folder, and then shuts the
// process in.
func openForStranger(ctx context.Context, q question) (*sql.Conn, error) {
	connector, err := duckdb.NewConnector(sandboxDatabase+"?access_mode=READ_ONLY", nil)
	if err != nil {
		return nil, fmt.Errorf("opening the release: %w", err)
	}
	conn, err := sql.OpenDB(connector).Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening the release: %w", err)
	}
	for _, s := range append(settings(strconv.Itoa(q.Memory)+"MB", 1, ""),
		"SET temp_directory = ''",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
		"SELECT count(*) FROM flows", // whatever is loaded at first use is loaded now
	) {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	}
	if err := shutIn(q.Memory, q.CPU); err != nil {
		return nil, fmt.Errorf("limiting the process: %w", err)
	}
	return conn, nil
}

// statement is one that only reads.
type statement struct {
	sql     string
	explain string // EXPLAIN or EXPLAIN ANALYZE, if it starts with that
}

// readOnly lets a single statement through that DuckDB itself accepts as a
// subquery: nothing but a SELECT in one of its spellings is.
func readOnly(ctx context.Context, conn *sql.Conn, text string) (statement, error) {
	text = strings.TrimRight(text, "; \t\r\n")
	s := statement{sql: text}
	for _, word := range []string{"EXPLAIN", "ANALYZE"} {
		if first, rest, ok := cutWord(s.sql); ok && strings.EqualFold(first, word) {
			s.explain += word + " "
			s.sql = rest
		} else {
			break
		}
	}
	// As it was written first: the message then speaks of the writer's lines.
	if err := prepares(ctx, conn, s.sql); err != nil {
		return s, refused{err}
	}
	if err := prepares(ctx, conn, "SELECT * FROM (\n"+s.sql+"\n)"); err != nil {
		return s, refused{errors.New("only one SELECT, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN can be asked")}
	}
	return s, nil
}

func cutWord(s string) (word, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t\r\n")
	i := strings.IndexAny(s, " \t\r\n")
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i:], true
}

func prepares(ctx context.Context, conn *sql.Conn, text string) error {
	stmt, err := conn.PrepareContext(ctx, text)
	if err != nil {
		return err
	}
	return stmt.Close()
}

// prepare finds the columns of the answer, and the query that gives at most one
// row more than asked for, each value as DuckDB's own text: the driver does not
// know all types.
func (s statement) prepare(ctx context.Context, conn *sql.Conn, limit int) ([]Column, string, error) {
	if s.explain != "" {
		return []Column{{Name: "explain_key", Type: "VARCHAR"}, {Name: "explain_value", Type: "VARCHAR"}}, s.explain + s.sql, nil
	}
	rows, err := conn.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM (\n"+s.sql+"\n))")
	if err != nil {
		return nil, "", refused{err}
	}
	defer rows.Close()
	var columns []Column
	for rows.Next() {
		var c Column
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return nil, "", err
		}
		columns = append(columns, c)
	}
	if err := rows.Err(); err != nil {
		return nil, "", refused{err}
	}
	return columns, "SELECT COLUMNS(*)::VARCHAR FROM (\n" + s.sql + "\n) LIMIT " + strconv.Itoa(limit+1), nil
}
