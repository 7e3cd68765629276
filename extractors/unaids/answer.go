package unaids

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors/fetch"
)

// answerStart is how an answer of the interface begins: {"Data":[{"Observation":.
var answerStart = regexp.MustCompile(`(?i)^\s*\{\s*"data"\s*:\s*(?:null|\[\s*(?:\]|\{[^\[\]]*"observations?"\s*:))`)

// observation is one object of an answer: its plain fields, those of objects
// inside it as "AREA.id".
type observation struct {
	at     string // JSON pointer
	fields map[string]string
}

// observationsOf takes an answer apart. Keys are found whatever their case. why
// says what is wrong with the answer as a whole.
func observationsOf(b []byte) (list []observation, why string) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, byteOrderMark)))
	d.UseNumber() // the digits as published
	var all any
	err := d.Decode(&all)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows its end")
		}
	}
	if err != nil {
		return nil, "the answer is not JSON: " + err.Error()
	}
	dataKey, data := member(all, "data")
	sets, ok := data.([]any)
	if !ok {
		return nil, `the answer has no list "Data"`
	}
	for i, set := range sets {
		key, v := member(set, "observation")
		if v == nil {
			key, v = member(set, "observations")
		}
		rows, ok := v.([]any)
		if !ok {
			return nil, fmt.Sprintf(`/%s/%d has no list "Observation"`, dataKey, i)
		}
		for j, row := range rows {
			o := observation{at: fmt.Sprintf("/%s/%d/%s/%d", dataKey, i, key, j), fields: map[string]string{}}
			flatten("", row, o.fields)
			list = append(list, o)
		}
	}
	return list, ""
}

// member finds a member of an object by its folded name.
func member(v any, name string) (key string, value any) {
	m, _ := v.(map[string]any) // a nil map has no members
	for _, k := range sortedKeys(m) {
		if fold(k) == name {
			return k, m[k]
		}
	}
	return "", nil
}

// flatten writes the plain values of a JSON object. null is nothing.
func flatten(prefix string, v any, into map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			flatten(strings.TrimPrefix(prefix+"."+k, "."), inner, into)
		}
	case []any:
		for i, inner := range v {
			flatten(fmt.Sprintf("%s.%d", prefix, i), inner, into)
		}
	case nil:
	default:
		if prefix != "" {
			into[prefix] = fmt.Sprint(v)
		}
	}
}

// answer reads the records of one answer of the interface.
func (r *reading) answer() error {
	b, err := r.doc.Head(maxDocument)
	if err != nil {
		return err
	}
	list, why := observationsOf(b)
	if why != "" {
		return r.reject("/", why, nil)
	}
	if len(list) == 0 {
		return r.reject("/", "the answer holds no observation", nil)
	}
	l, why := answerLayout(list)
	if why != "" {
		return r.reject("/", why, nil)
	}
	if q := questionOf(r.doc); q != nil {
		l.otherwise[gid], l.otherwise[unit], l.otherwise[subgroupGID] = q[0], q[1], q[2]
	}
	if !r.doc.Retrieved.IsZero() {
		r.book.asked = max(r.book.asked, r.doc.Retrieved.Year())
	}
	ed := editionOf(r.doc, r.index, "", roleAPI)
	skipped := map[string]int{}
	for i, o := range list {
		if i%1000 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if len(o.fields) == 0 {
			if err := r.reject(o.at, "not an observation: it has no fields", nil); err != nil {
				return err
			}
			continue
		}
		fields := make([]string, len(l.names))
		for j, name := range l.names {
			fields[j] = o.fields[name]
		}
		rec := record{doc: r.doc.SHA256, locator: o.at, layout: &l, fields: fields, edition: ed}
		if !r.used(&rec, skipped) {
			continue
		}
		if err := r.file(rec); err != nil {
			return err
		}
	}
	return r.skip(skipped)
}

// answerLayout finds the columns of observations, or says which they lack.
func answerLayout(list []observation) (l layout, why string) {
	names := map[string]bool{}
	for _, o := range list {
		for name := range o.fields {
			names[name] = true
		}
	}
	l, missing := layoutOf(roleAPI, sortedKeys(names))
	if len(missing) > 0 {
		why = fmt.Sprintf("the observations state no %s: they hold %q", namesOf(missing), l.names)
	}
	return l, why
}

// questionOf is what a document's address asks the interface for: the ids of an
// indicator, a unit and a subgroup. nil: the address is another.
func questionOf(d fetch.Document) []string {
	u, err := url.Parse(d.URL)
	if err != nil || u.Host != apiHost {
		return nil
	}
	q := strings.Split(u.Query().Get("INDICATOR"), "@")
	if len(q) != 3 || slices.Contains(q, "") {
		return nil
	}
	return q
}
