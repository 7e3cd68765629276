package oecdcrs

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
)

//go:embed columns.csv
var columnTable string

// field is a column that is read, whatever a file calls it.
type field int

const (
	year field = iota
	donor
	donorName
	agency
	agencyName
	crsID
	project
	recipient
	recipientName
	regionName
	incomeName
	ldc
	flow
	flowName
	biMulti
	category
	finance
	aid
	commitment
	disbursement
	received
	commitmentConstant
	disbursementConstant
	purpose
	purposeName
	channel
	channelName
	channelReported
	parentChannel
	psi
	sdg
	short
	title
	long
	// only in answers of the interface, which give one sum a row
	amount
	flowType
	priceBase
	basePeriod
	unit
	multiplier
	detail
	detailID
	nature

	fields int = iota
)

// fieldNames are the fields as columns.csv calls them.
var fieldNames = [fields]string{
	"year", "donor", "donor_name", "agency", "agency_name", "crs_id", "project", "recipient", "recipient_name", "region_name",
	"income_name", "ldc", "flow", "flow_name", "bi_multi", "category", "finance", "aid", "commitment", "disbursement", "received",
	"commitment_constant", "disbursement_constant", "purpose", "purpose_name", "channel", "channel_name", "channel_reported",
	"parent_channel", "psi", "sdg", "short", "title", "long",
	"amount", "flow_type", "price_base", "base_period", "unit", "multiplier", "detail", "detail_id", "nature",
}

// texts are the fields whose words decide on a purpose that is read for words.
var texts = [...]field{title, short, long}

// layout says where the fields stand in a document.
type layout struct {
	at     [fields]int    // column, -1: the document has none
	name   [fields]string // as the document spells it
	width  int            // columns of the document
	needed []string       // fields that must be there and are not, as OECD spells them
}

func (l *layout) has(f field) bool { return l.at[f] >= 0 }

// hasTexts says whether there are any words to search.
func (l *layout) hasTexts() bool {
	return slices.ContainsFunc(texts[:], l.has)
}

// columns are the spellings of the fields in one shape of document.
type columns struct {
	exact  bool // spelled exactly so: codes and labels differ in case only
	names  [fields][]string
	needed [fields]bool
}

// readColumns reads columns.csv (shape,field,names,needed).
func readColumns() (bulk, sdmx *columns, err error) {
	rows, err := csv.NewReader(strings.NewReader(columnTable)).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("reading columns.csv: %w", err)
	}
	bulk, sdmx = &columns{}, &columns{exact: true}
	for _, r := range rows[1:] {
		c := map[string]*columns{"bulk": bulk, "sdmx": sdmx}[r[0]]
		f := slices.Index(fieldNames[:], r[1])
		if c == nil || f < 0 {
			return nil, nil, fmt.Errorf("reading columns.csv: no field %q of %q", r[1], r[0])
		}
		c.names[f], c.needed[f] = strings.Split(r[2], "|"), r[3] == "1"
	}
	return bulk, sdmx, nil
}

// layout finds the fields among a document's columns. Spellings are tried in
// order; a column that stands twice counts where it stands first.
func (c *columns) layout(header []string) *layout {
	l := &layout{width: len(header)}
	seen := map[string]int{}
	for i, h := range header {
		key := c.key(h)
		if _, twice := seen[key]; !twice {
			seen[key] = i
		}
	}
	for f := range field(fields) {
		l.at[f] = -1
		for _, name := range c.names[f] {
			if i, ok := seen[c.key(name)]; ok {
				l.at[f], l.name[f] = i, strings.TrimSpace(header[i])
				break
			}
		}
		if l.at[f] < 0 && c.needed[f] {
			l.needed = append(l.needed, c.names[f][0])
		}
	}
	return l
}

// key is what stays the same when a column changes its spelling: DonorCode,
// donor_code, "Donor code".
func (c *columns) key(name string) string {
	if c.exact {
		return strings.TrimSpace(name)
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("_. -\ufeff", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// missing says which columns a document should have and has not; "": none.
func (l *layout) missing() string {
	switch len(l.needed) {
	case 0:
		return ""
	case 1:
		return "the column " + l.needed[0] + " is missing"
	}
	return "the columns " + strings.Join(l.needed, ", ") + " are missing"
}

// roleOfHeader recognises a table by the names of its columns, most of which
// must be there: one that lost a column is still recognised, and rejected.
func (t *tables) roleOfHeader(line []byte) string {
	for _, shape := range []struct {
		role      string
		columns   *columns
		separator byte
	}{{roleText, t.bulk, '|'}, {roleSDMX, t.sdmx, ','}} {
		header, err := readHeader(bytes.NewReader(append(slices.Clone(line), '\n')), shape.separator)
		if err != nil {
			continue
		}
		l, all := shape.columns.layout(header), 0
		for _, needed := range shape.columns.needed {
			if needed {
				all++
			}
		}
		if 2*len(l.needed) < all {
			return shape.role
		}
	}
	return ""
}

// readHeader reads the names of a table's columns.
func readHeader(r io.Reader, separator byte) ([]string, error) {
	rows := newRows(r, separator)
	cells, err := rows.next()
	if err != nil {
		return nil, err
	}
	header := make([]string, len(cells))
	for i, c := range cells {
		header[i] = string(c)
	}
	return header, nil
}

func firstLine(head []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("\n"))
	return bytes.TrimRight(line, "\r")
}
