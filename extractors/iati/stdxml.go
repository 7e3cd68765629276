package iati

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// standard gives the events of encoding/xml: the reference the scanner is held
// to, and the parser of everything the scanner leaves alone.
type standard struct {
	d     *xml.Decoder
	attrs []attr
}

func newStandard(b []byte) *standard { return &standard{d: xml.NewDecoder(bytes.NewReader(b))} }

func (s *standard) next() (event, error) {
	for {
		t, err := s.d.RawToken()
		if errors.Is(err, io.EOF) {
			return event{kind: endOfInput}, nil
		}
		if err != nil {
			return event{}, fmt.Errorf("not well-formed XML: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			s.attrs = s.attrs[:0]
			for _, a := range t.Attr {
				name := a.Name.Local
				if a.Name.Space != "" {
					name = a.Name.Space + ":" + name
				}
				s.attrs = append(s.attrs, attr{[]byte(name), []byte(a.Value), len(a.Name.Space)})
			}
			return event{kind: startElement, prefix: []byte(t.Name.Space), name: []byte(t.Name.Local), attrs: s.attrs}, nil
		case xml.EndElement:
			return event{kind: endElement, prefix: []byte(t.Name.Space), name: []byte(t.Name.Local)}, nil
		case xml.CharData:
			return event{kind: charData, text: bytes.Clone(t)}, nil
		case xml.Directive:
			return event{}, errors.New("not well-formed XML: a declaration inside an activity")
		}
	}
}
