package worldbank

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/series"
)

// An answer of the interface is [{page, pages, ...}, [rows]].

// about is what an answer says of itself.
type about struct {
	Page        count  `json:"page"`
	Pages       count  `json:"pages"`
	Total       count  `json:"total"` // rows of all pages
	LastUpdated string `json:"lastupdated"`
	Message     []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"message"`
}

// count is a number that some answers write as a string.
type count int

// UnmarshalJSON implements json.Unmarshaler.
func (c *count) UnmarshalJSON(b []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(b), `"`))
	*c = count(n)
	return err
}

// named is a code with its name.
type named struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

func isAnswer(b []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("[")) }

var (
	errNoAnswer = errors.New("not an answer of the World Bank: no description of the page")
	errNoRows   = errors.New("an answer of the World Bank without rows")
)

// open reads what an answer says of itself, and leaves the decoder before the
// first row. An error that came with status 200 is an error.
func open(b []byte) (about, *json.Decoder, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	var a about
	if t, err := d.Token(); err != nil || t != json.Delim('[') || !d.More() || d.Decode(&a) != nil {
		return about{}, nil, errNoAnswer
	}
	if len(a.Message) > 0 {
		return a, nil, fmt.Errorf("the World Bank answered with an error: %s %s", a.Message[0].Key, a.Message[0].Value)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('[') || !d.More() {
		return a, nil, errNoRows
	}
	return a, d, nil
}

// each gives the rows of an opened answer to row, and says where it breaks off.
func each(d *json.Decoder, row func(n int, raw json.RawMessage) error) (broken string, err error) {
	n := 0
	for ; d.More(); n++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fmt.Sprintf("the JSON cannot be read behind row %d: %v", n, err), nil
		}
		if err := row(n, raw); err != nil {
			return "", err
		}
	}
	for range 2 { // the ends of the rows and of the answer
		if _, err := d.Token(); err != nil {
			return fmt.Sprintf("the JSON cannot be read behind row %d: %v", n, err), nil
		}
	}
	return "", nil
}

// pages are the pages that are there, by role and edition.
type pages map[[2]string]map[count]bool

// pagesOf lists the pages among documents.
func pagesOf(docs extractors.Set) (pages, error) {
	p := pages{}
	for _, doc := range docs {
		b, err := doc.Head(64 << 10)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", doc.Name, err)
		}
		if a, _, err := open(bytes.TrimPrefix(b, []byte("\ufeff"))); err == nil {
			key := [2]string{doc.Role, a.LastUpdated}
			if p[key] == nil {
				p[key] = map[count]bool{}
			}
			p[key][a.Page] = true
		}
	}
	return p, nil
}

// missing says which page of an answer is not there; 0: none.
func (p pages) missing(role string, a about) count {
	for n := count(1); n <= a.Pages; n++ {
		if !p[[2]string{role, a.LastUpdated}][n] {
			return n
		}
	}
	return 0
}

// readAnswer reads the rows of an answer, one of the pages that are there.
func readAnswer[T any](r *series.Reader, b []byte, there pages, row func(locator string, v T) error) error {
	a, d, err := open(b)
	if err != nil {
		return r.Reject("/", err.Error())
	}
	if n := there.missing(r.Doc.Role, a); n > 0 {
		if err := r.Reject("/0/pages", fmt.Sprintf("page %d of %d: page %d is not here", a.Page, a.Pages, n)); err != nil {
			return err
		}
	}
	broken, err := each(d, func(n int, raw json.RawMessage) error {
		locator := fmt.Sprintf("/1/%d", n)
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return r.Reject(locator, "not a row of the answer: "+err.Error(), string(raw))
		}
		return row(locator, v)
	})
	if broken != "" {
		return r.Reject("/", broken)
	}
	return err
}
