package iati

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// tree is one decoded activity: the elements that say something about money,
// and no others. contact-info is dropped here, before anything is made of it,
// and so are locations, documents and the numbers of results. A tree is reused
// from one activity to the next; its bytes point into the document's.
type tree struct {
	nodes []node // nodes[0] is the activity
	attrs []attr
	// unbound is a namespace prefix that is used and not declared.
	unbound string

	open     []openElement
	scan     scanner
	prefixes []string
	// standardOnly turns the scanner off (tests); fallbacks counts the activities
	// it left to encoding/xml.
	standardOnly bool
	fallbacks    int
}

// node is an element without namespace prefix. Elements with one are foreign to
// IATI and are dropped with all they hold.
type node struct {
	name       []byte
	text       []byte // its own text, trimmed
	owned      bool   // text is a copy
	from, to   int32  // attrs[from:to]
	child, sib int32  // first child, next sibling; 0: none
}

type openElement struct {
	prefix, name []byte
	node         int32 // -1: dropped
	last         int32 // last child so far
}

// maxDepth is far beyond any activity (which is 7 deep).
const maxDepth = 100

// keep lists the children of iati-activity that are decoded.
var keep = map[string]bool{
	"iati-identifier": true, "reporting-org": true, "title": true, "description": true,
	"participating-org": true, "other-identifier": true, "related-activity": true, "activity-date": true,
	"recipient-country": true, "recipient-region": true, "sector": true,
	"country-budget-items": true, "budget": true, "planned-disbursement": true, "transaction": true,
	"result": true,
}

// keeps reports whether a child of parent is decoded.
func keeps(depth int, parent, name []byte) bool {
	switch {
	case depth == 1:
		return keep[string(name)]
	case string(parent) == "result":
		return string(name) == "indicator"
	case string(parent) == "indicator":
		return string(name) == "title"
	case string(name) == "contact-info":
		return false
	}
	return true
}

// decode reads one activity. The scanner is tried first, then encoding/xml,
// whose errors are the ones reported.
func (t *tree) decode(b []byte, r *root) error {
	if !t.standardOnly && utf8.Valid(b) {
		t.scan.reset(b)
		if t.read(&t.scan, r) == nil {
			return nil
		}
	}
	t.fallbacks++
	return t.read(newStandard(b), r)
}

func (t *tree) read(src events, r *root) error {
	t.nodes, t.attrs, t.open, t.unbound = t.nodes[:0], t.attrs[:0], t.open[:0], ""
	t.prefixes = append(t.prefixes[:0], r.prefixes...)
	for {
		ev, err := src.next()
		if err != nil {
			return err
		}
		switch ev.kind {
		case startElement:
			if err := t.start(&ev); err != nil {
				return err
			}
		case endElement:
			if err := t.end(&ev); err != nil {
				return err
			}
		case charData:
			if err := t.text(ev.text); err != nil {
				return err
			}
		case endOfInput:
			switch {
			case len(t.open) > 0:
				return fmt.Errorf("not well-formed XML: <%s> is not closed", clip(t.open[len(t.open)-1].name, 60))
			case len(t.nodes) == 0:
				return errors.New("not well-formed XML: no element")
			}
			return nil
		}
	}
}

func (t *tree) start(ev *event) error {
	depth := len(t.open)
	if depth == maxDepth {
		return fmt.Errorf("elements nested more than %d deep", maxDepth)
	}
	t.declare(ev)
	if depth == 0 {
		if len(t.nodes) > 0 || len(ev.prefix) > 0 || string(ev.name) != "iati-activity" {
			return fmt.Errorf("not well-formed XML: <%s> outside the activity", clip(ev.name, 60))
		}
		t.open = append(t.open, openElement{name: ev.name, node: t.add(ev)})
		return nil
	}
	up := &t.open[depth-1]
	o := openElement{prefix: ev.prefix, name: ev.name, node: -1}
	if up.node >= 0 {
		if n := &t.nodes[up.node]; len(n.text) > 0 {
			n.add([]byte{' '}) // an element parts words
		}
		if len(ev.prefix) == 0 && keeps(depth, up.name, ev.name) {
			o.node = t.add(ev)
			if up.last == 0 {
				t.nodes[up.node].child = o.node
			} else {
				t.nodes[up.last].sib = o.node
			}
			up.last = o.node
		}
	}
	t.open = append(t.open, o)
	return nil
}

// add makes a node of an element.
func (t *tree) add(ev *event) int32 {
	n := node{name: ev.name, from: int32(len(t.attrs))}
	for _, a := range ev.attrs {
		if a.colon == 0 || string(a.name[:a.colon]) == "xml" {
			t.attrs = append(t.attrs, a)
		}
	}
	n.to = int32(len(t.attrs))
	t.nodes = append(t.nodes, n)
	return int32(len(t.nodes) - 1)
}

// declare notes the prefixes an element declares and uses. A declaration is
// taken to hold to the end of the activity: enough to tell a foreign element
// from a mistake.
func (t *tree) declare(ev *event) {
	for _, a := range ev.attrs {
		if a.colon > 0 && string(a.name[:a.colon]) == "xmlns" {
			if p := string(a.name[a.colon+1:]); !slices.Contains(t.prefixes, p) {
				t.prefixes = append(t.prefixes, p)
			}
		}
	}
	t.uses(ev.prefix)
	for _, a := range ev.attrs {
		t.uses(a.name[:a.colon])
	}
}

// uses notes a prefix that is not declared.
func (t *tree) uses(p []byte) {
	if len(p) > 0 && t.unbound == "" && string(p) != "xml" && string(p) != "xmlns" && !slices.Contains(t.prefixes, string(p)) {
		t.unbound = string(p)
	}
}

func (t *tree) end(ev *event) error {
	if len(t.open) == 0 {
		return fmt.Errorf("not well-formed XML: </%s> closes nothing", clip(ev.name, 60))
	}
	o := t.open[len(t.open)-1]
	if !bytes.Equal(o.name, ev.name) || !bytes.Equal(o.prefix, ev.prefix) {
		return fmt.Errorf("not well-formed XML: <%s> is closed by </%s>", clip(o.name, 60), clip(ev.name, 60))
	}
	if o.node >= 0 {
		n := &t.nodes[o.node]
		n.text = bytes.TrimSpace(n.text)
	}
	t.open = t.open[:len(t.open)-1]
	return nil
}

func (t *tree) text(b []byte) error {
	if len(t.open) == 0 {
		if len(bytes.TrimSpace(b)) > 0 {
			return errors.New("not well-formed XML: text outside the activity")
		}
		return nil
	}
	o := t.open[len(t.open)-1]
	if o.node < 0 {
		return nil
	}
	t.nodes[o.node].add(b)
	return nil
}

// add adds to the text of a node. Most texts are one piece and stay in the
// document's bytes.
func (n *node) add(b []byte) {
	switch {
	case len(n.text) == 0:
		for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\t' || b[0] == '\r') {
			b = b[1:]
		}
		n.text, n.owned = b, false
	case !n.owned:
		n.text, n.owned = append(bytes.Clone(n.text), b...), true
	default:
		n.text = append(n.text, b...)
	}
}

// children calls yield for the children of a node that have a name ("": all).
func (t *tree) children(n int32, name string, yield func(c int32)) {
	for c := t.nodes[n].child; c != 0; c = t.nodes[c].sib {
		if name == "" || string(t.nodes[c].name) == name {
			yield(c)
		}
	}
}

// child finds the first child of that name; 0: none.
func (t *tree) child(n int32, name string) int32 {
	for c := t.nodes[n].child; c != 0; c = t.nodes[c].sib {
		if string(t.nodes[c].name) == name {
			return c
		}
	}
	return 0
}

// attr returns an attribute, trimmed; nil: absent or empty.
func (t *tree) attr(n int32, name string) []byte {
	for _, a := range t.attrs[t.nodes[n].from:t.nodes[n].to] {
		if string(a.name) == name {
			return bytes.TrimSpace(a.value)
		}
	}
	return nil
}

func (t *tree) is(n int32, name string) bool { return string(t.nodes[n].name) == name }

// spaced writes every run of white space as one space: line breaks inside a
// narrative are the file's layout, not the publisher's words.
func spaced(b []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(b); {
		if b[i] > ' ' || b[i] == ' ' && i+1 < len(b) && b[i+1] > ' ' {
			i++
			continue
		}
		out = append(append(out, b[from:i]...), ' ')
		for i < len(b) && b[i] <= ' ' {
			i++
		}
		from = i
	}
	if out == nil {
		return b
	}
	return append(out, b[from:]...)
}
