package warehouse

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// sqlFile is one .sql file with its header. A header is the block of comment
// lines the file starts with:
//
//	-- name: what a row means, in one or more
//	-- lines.
//	-- @column country  ISO 3166-1 alpha-3
//	-- @param country   text, required: the country asked for
//	-- @severity fail
//	-- @question 1
//	-- @trace    best_flows country, year -> usd
//
// Unindented text after an @ line continues it.
type sqlFile struct {
	name     string // from the header; the file is called [NNN_]name.sql
	doc      string
	columns  []docLine
	params   []docLine
	traces   []docLine
	severity string
	question string
	sql      string // the whole file, comments included
}

type docLine struct{ name, text string }

func readSQL(fsys fs.FS, dir string) ([]sqlFile, error) {
	names, err := fs.Glob(fsys, dir+"/*.sql") // sorted by name
	if err != nil {
		return nil, err
	}
	out := make([]sqlFile, 0, len(names))
	for _, n := range names {
		text, err := fs.ReadFile(fsys, n)
		if err != nil {
			return nil, err
		}
		f, err := parseSQLFile(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n, err)
		}
		base := strings.TrimSuffix(path.Base(n), ".sql")
		if number, rest, ok := strings.Cut(base, "_"); ok && strings.Trim(number, "0123456789") == "" {
			base = rest
		}
		if base != f.name {
			return nil, fmt.Errorf("%s: the header names %q", n, f.name)
		}
		out = append(out, f)
	}
	return out, nil
}

func parseSQLFile(text string) (sqlFile, error) {
	f := sqlFile{sql: text}
	var doc string
	last := &doc
	for line := range strings.Lines(text) {
		line, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "--")
		if !ok {
			break
		}
		line = strings.TrimSpace(line)
		tag, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		switch tag {
		case "@column", "@param", "@trace":
			name, text, _ := strings.Cut(rest, " ")
			list := map[string]*[]docLine{"@column": &f.columns, "@param": &f.params, "@trace": &f.traces}[tag]
			*list = append(*list, docLine{name, strings.TrimSpace(text)})
			last = &(*list)[len(*list)-1].text
		case "@severity":
			f.severity = rest
		case "@question":
			f.question = rest
		default:
			if strings.HasPrefix(tag, "@") {
				return f, fmt.Errorf("unknown tag %s", tag)
			}
			*last = strings.TrimSpace(*last + " " + line)
		}
	}
	name, doc, ok := strings.Cut(doc, ":")
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return f, fmt.Errorf("the header does not start with '-- name: what a row means'")
	}
	f.name, f.doc = name, strings.TrimSpace(doc)
	return f, nil
}
