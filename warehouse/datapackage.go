package warehouse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// licence is one of a data package.
type licence struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Path  string `json:"path,omitempty"`
}

// Package describes exported files as a Frictionless data package: what each row
// and column means, the licences of all sources, and rows, bytes and hash of each
// file, so that one that was cut short is found out.
func (e *Exporter) Package(files []Exported) ([]byte, error) {
	type field struct {
		Name        string `json:"name"`
		Type        string `json:"type"`
		Description string `json:"description,omitempty"`
	}
	type schema struct {
		Fields        []field  `json:"fields"`
		MissingValues []string `json:"missingValues"`
	}
	type resource struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Path        string `json:"path"`
		Format      string `json:"format"`
		Mediatype   string `json:"mediatype"`
		Encoding    string `json:"encoding,omitempty"`
		Compression string `json:"compression,omitempty"`
		Bytes       int64  `json:"bytes"`
		Hash        string `json:"hash"`
		Rows        int64  `json:"rows"`
		Schema      schema `json:"schema"`
	}
	type source struct {
		Title   string `json:"title"`
		Path    string `json:"path,omitempty"`
		ID      string `json:"id"`
		Licence string `json:"licence"`
	}
	type leftOut struct {
		Source string `json:"source"`
		Reason string `json:"reason"`
	}
	p := struct {
		Profile     string     `json:"profile"`
		Name        string     `json:"name"`
		ID          string     `json:"id"`
		Title       string     `json:"title"`
		Description string     `json:"description"`
		Version     string     `json:"version"`
		Created     string     `json:"created"`
		Licences    []licence  `json:"licenses"`
		Sources     []source   `json:"sources"`
		LeftOut     []leftOut  `json:"left_out"`
		Resources   []resource `json:"resources"`
	}{
		Profile: "data-package", Name: "hrinvest", ID: e.release.Hash, Title: exportTitle, Description: e.description(), Version: e.release.ID,
		Created: e.release.BuiltAt.UTC().Format(time.RFC3339), Licences: []licence{}, Sources: []source{}, LeftOut: []leftOut{}, Resources: []resource{},
	}
	seen := map[string]bool{}
	for _, s := range e.sources {
		if s.leftOut() {
			p.LeftOut = append(p.LeftOut, leftOut{s.id, s.licence})
			continue
		}
		p.Sources = append(p.Sources, source{s.publisher + ": " + s.title, s.home, s.id, s.licence})
		if !seen[s.licence] {
			seen[s.licence] = true
			p.Licences = append(p.Licences, namedLicence(s.licence))
		}
	}
	for _, f := range files {
		r := resource{Name: strings.ReplaceAll(f.Name, ".", "-"), Description: f.Table.Doc, Path: f.Name, Format: f.Format, Mediatype: "application/vnd.apache.parquet",
			Bytes: f.Bytes, Hash: "sha256:" + f.SHA256, Rows: f.Rows, Schema: schema{MissingValues: []string{""}}}
		if f.Format == "csv" {
			r.Mediatype, r.Encoding, r.Compression = "text/csv", "utf-8", "gz"
		}
		for _, c := range f.Table.Columns {
			r.Schema.Fields = append(r.Schema.Fields, field{c.Name, fieldType(c.Type), c.Doc})
		}
		p.Resources = append(p.Resources, r)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(p)
	return b.Bytes(), err
}

// namedLicence gives a licence the name a machine knows it by, where it has one.
func namedLicence(text string) licence {
	if text == "CC BY 4.0" {
		return licence{"CC-BY-4.0", text, "https://creativecommons.org/licenses/by/4.0/"}
	}
	return licence{Name: "other", Title: text}
}

const exportTitle = "hrinvest: money for harm reduction, as disclosed"

func (e *Exporter) description() string {
	s := "Every table and view of release " + e.release.ID + ". Kinds of money are never added together; a value that is not there is not 0. Amounts are exact decimals."
	if strings.Contains(e.release.Origin, "bundled") {
		s += " Rows of origin bundled are extracts that the project compiled from cited facts, not the publishers' own files."
	}
	if e.release.Note != "" {
		s += " " + e.release.Note
	}
	return s
}

// fieldType is the type of Table Schema.
func fieldType(typ string) string {
	base, _, _ := strings.Cut(typ, "(")
	switch base {
	case "BOOLEAN":
		return "boolean"
	case "INTEGER", "BIGINT", "HUGEINT", "SMALLINT", "TINYINT":
		return "integer"
	case "DECIMAL":
		return "number"
	case "DATE":
		return "date"
	case "TIMESTAMP":
		return "datetime"
	}
	return "string"
}

// Citation is how to cite the release, as CITATION.cff.
func (e *Exporter) Citation() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "cff-version: 1.2.0\nmessage: If you use these data, cite the release, and the source of each figure (tables documents and disclosures).\n")
	fmt.Fprintf(&b, "type: dataset\ntitle: %q\nauthors:\n  - name: hrinvest\nversion: %q\ndate-released: %s\n", exportTitle, e.release.ID, e.release.BuiltAt.UTC().Format(time.DateOnly))
	fmt.Fprintf(&b, "identifiers:\n  - type: other\n    value: %q\n    description: SHA-256 over the sorted rows of the release\n", e.release.Hash)
	return b.Bytes()
}
