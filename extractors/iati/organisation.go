package iati

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

const organisationBudgets = "organisation file: budgets of the Secretariat or organisation are not flows to activities"

// organisationStatements are the elements of an organisation file that carry
// money.
var organisationStatements = map[string]bool{
	"total-budget": true, "recipient-org-budget": true, "recipient-region-budget": true,
	"recipient-country-budget": true, "total-expenditure": true,
}

// organisation counts the statements of an organisation file. None is a flow.
func (p *pipeline) organisation(ctx context.Context, f file) error {
	body, err := f.open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", f.doc.Name, err)
	}
	defer body.Close()
	r, err := utf8Reader(body)
	if err != nil {
		return p.send(ctx, f.problem(err.Error()))
	}
	n, err := countOrganisation(r)
	j := &job{doc: f.doc}
	if err != nil {
		j = f.problem("organisation file: " + err.Error())
	}
	j.skipped = n
	return p.send(ctx, j)
}

func countOrganisation(r io.Reader) (n int, err error) {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8 by now
	root := ""
	for {
		t, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && root == "":
			return n, errors.New("empty or not XML: no element in it")
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, fmt.Errorf("not well-formed XML: %w", err)
		}
		if e, ok := t.(xml.StartElement); ok {
			if root == "" {
				if root = e.Name.Local; root != "iati-organisations" && root != "iati-organisation" {
					return 0, fmt.Errorf("the first element is <%s>", clip([]byte(root), 60))
				}
			}
			if organisationStatements[e.Name.Local] {
				n++
			}
		}
	}
}
