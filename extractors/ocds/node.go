package ocds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// node is a value of a JSON document and where it stands. Publishers put anything
// anywhere (a text where an organisation belongs): what is not of the expected
// type reads as absent.
type node struct {
	value any
	at    string // JSON pointer
}

// read decodes a document. Numbers stay as written. wrong says why it cannot be
// read; it quotes nothing of it.
func read(b []byte) (doc node, wrong string) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if len(bytes.TrimSpace(b)) == 0 {
		return node{}, "the document is empty"
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	err := d.Decode(&doc.value)
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return node{}, fmt.Sprintf("the JSON breaks off after %d bytes", len(b))
	case errors.As(err, &syntax):
		return node{}, fmt.Sprintf("it is not JSON: byte %d cannot stand there", syntax.Offset)
	case err != nil:
		return node{}, "it is not JSON"
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return node{}, fmt.Sprintf("more follows after the JSON, from byte %d", d.InputOffset())
	}
	return doc, ""
}

// get follows keys of objects; what is not there is the zero value.
func (n node) get(keys ...string) node {
	for _, k := range keys {
		object, _ := n.value.(map[string]any)
		n = node{object[k], n.at + "/" + k}
	}
	return n
}

// is says whether the value is an object.
func (n node) isObject() bool {
	_, ok := n.value.(map[string]any)
	return ok
}

func (n node) isList() bool {
	_, ok := n.value.([]any)
	return ok
}

// list gives the elements of a list.
func (n node) list() []node {
	values, _ := n.value.([]any)
	out := make([]node, len(values))
	for i, v := range values {
		out[i] = node{v, n.at + "/" + strconv.Itoa(i)}
	}
	return out
}

// text gives a text, or a number as written.
func (n node) text() string {
	switch v := n.value.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

// truth gives "true" or "false".
func (n node) truth() string {
	if v, ok := n.value.(bool); ok {
		return strconv.FormatBool(v)
	}
	return ""
}
