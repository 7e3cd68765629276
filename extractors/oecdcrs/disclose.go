package oecdcrs

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// kinds are the sums a row states, as flows of the contract.
var kinds = [...]struct {
	field field
	kind  extractors.Kind
}{
	{commitment, extractors.Commitment},
	{disbursement, extractors.Disbursement},
}

// Flags of a disclosure. How to use those about the way of the money: README.md.
const (
	flagMillions = "in_millions"           // the document says millions; the amount is in dollars
	flagWords    = "scope_by_words"        // in scope for its words, not for its purpose
	flagCore     = "core_contribution"     // core money to a multilateral, which spends it again
	flagOutflow  = "multilateral_outflow"  // a multilateral spends core money it received
	flagBiMulti  = "bi_multi:"             // as published: 1 bilateral, 2 core to a multilateral, ...
	flagFlow     = "crs_flow:"             // of loans, equity, other official and private flows
	flagDonor    = "donor_not_in_codelist" // the donor's code is not in donors.csv
)

// Codes of the columns Bi_Multi and FlowCode.
const (
	multilateralCore    = "2"
	coreToPrivate       = "3" // NGOs, other private bodies, public-private partnerships
	multilateralOutflow = "4"
	odaGrants           = "11"
)

// unitaid is in the group of partnerships by its number, and an entity of the
// United Nations by the list of channels.
const unitaid = "30010"

// donorOf is the donor's line in donors.csv; of a donor that is not there, its code.
func donorOf(t *tables, cells *[fields]string) (donorInfo, bool) {
	d, ok := t.donors[cells[donor]]
	if !ok {
		d = donorInfo{code: cells[donor], kind: "unknown"}
	}
	return d, ok
}

// groupOf names the activity: a CRS id belongs to a donor.
func groupOf(t *tables, cells *[fields]string) string {
	d, _ := donorOf(t, cells)
	id := cells[crsID]
	if id == "" {
		id = "-/" + cells[agency] + "/" + cells[project]
	}
	return d.code + "/" + id
}

func (p *parser) disclosure(doc fetch.Document, l *layout, group string, r *row, kind extractors.Kind, sum string, places int) extractors.Disclosure {
	c := &r.cells
	from, known := donorOf(p.tables, c)
	d := extractors.Disclosure{
		Document: doc.SHA256,
		Locator:  r.locator(),
		Key: strings.Join([]string{
			from.code, c[agency], c[crsID], c[project], c[recipient], c[purpose], c[year], c[flow], c[finance],
		}, "|"),
		Group:      group,
		ActivityID: group,
		Title:      c[title],
		Kind:       kind,
		Amount:     sum,
		Currency:   "USD",
		Year:       c[year],
		Parties:    []extractors.Party{{Role: extractors.Funder, Ref: from.ref, Name: c[donorName], Type: from.kind}},
		Sectors:    []extractors.Share{{Vocabulary: "dac", Code: c[purpose], Name: c[purposeName]}},
		Codes:      []extractors.Code{{Scheme: "crs", Code: c[purpose]}},
		Raw:        raw(l, c),
	}
	if d.Parties[0].Name == "" {
		d.Parties[0].Name = from.name
	}
	if place, ok := p.place(c); ok {
		d.Places = []extractors.Share{place}
	}
	if d.Title == "" {
		d.Title = c[short]
	} else if c[short] != "" && !beginsWith(c[title], c[short]) {
		d.Texts = append(d.Texts, extractors.Text{Text: c[short], OfStatement: true})
	}
	if c[long] != "" && !beginsWith(c[title], c[long]) {
		d.Texts = append(d.Texts, extractors.Text{Text: c[long]})
	}
	if via, ok := channelOf(c); ok {
		d.Parties = append(d.Parties, via)
	}
	if name := c[channelReported]; name != "" && !strings.EqualFold(name, c[channelName]) {
		d.Parties = append(d.Parties, extractors.Party{Role: extractors.Implementing, Name: name})
	}
	if places == 6 {
		d.Flags = append(d.Flags, flagMillions)
	}
	if c[biMulti] != "" {
		d.Flags = append(d.Flags, flagBiMulti+c[biMulti])
	}
	if isCore(c) {
		d.Flags = append(d.Flags, flagCore)
	}
	if c[biMulti] == multilateralOutflow {
		d.Flags = append(d.Flags, flagOutflow)
	}
	if c[flow] != "" && c[flow] != odaGrants {
		d.Flags = append(d.Flags, flagFlow+c[flow])
	}
	if r.byWords {
		d.Flags = append(d.Flags, flagWords)
	}
	if !known {
		d.Flags = append(d.Flags, flagDonor)
	}
	return d
}

// beginsWith says whether a text begins with another, in any case: short
// descriptions are the first 150 characters of the title in capitals.
func beginsWith(text, beginning string) bool {
	return len(text) >= len(beginning) && strings.EqualFold(text[:len(beginning)], beginning)
}

// isCore says whether the money is a multilateral's own from now on.
func isCore(c *[fields]string) bool {
	multilateral := strings.HasPrefix(c[channel], "4") || c[channel] == unitaid
	return c[biMulti] == multilateralCore || c[biMulti] == coreToPrivate && multilateral
}

// place is the recipient: a country by the DAC's code or ISO 3166-1, or a region.
// Names tell regions whose codes are not in regions.csv: older files number some
// of them otherwise.
func (p *parser) place(c *[fields]string) (extractors.Share, bool) {
	code, name := c[recipient], c[recipientName]
	if code == "" && name == "" {
		return extractors.Share{}, false
	}
	lower := strings.ToLower(name)
	if region, ok := p.tables.regions[code]; ok {
		return extractors.Share{Vocabulary: "region", Code: region, Name: name}, true
	}
	switch {
	case strings.HasSuffix(lower, "unspecified") || strings.HasSuffix(lower, "regional") || strings.HasSuffix(code, "_X"):
		return extractors.Share{Vocabulary: "region", Code: code, Name: name}, true
	case strings.Trim(code, "0123456789") == "":
		return extractors.Share{Vocabulary: "dac", Code: code, Name: name}, true
	}
	return extractors.Share{Vocabulary: "iso3", Code: code, Name: name}, true
}

// channelOf is the channel of delivery. Round numbers are groups of organisations
// (23000: NGOs based in developing countries), no organisation.
func channelOf(c *[fields]string) (extractors.Party, bool) {
	number, name := c[channel], c[channelName]
	if number == "0" {
		number = ""
	}
	if number == "" && name == "" {
		return extractors.Party{}, false
	}
	via := extractors.Party{Role: extractors.Channel, Name: name}
	if len(number) == 5 && !strings.HasSuffix(number, "000") {
		via.Ref = "XM-DAC-" + number
	}
	return via, true
}

// raw quotes the fields that were read, under the names of the document's columns.
func raw(l *layout, c *[fields]string) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for f, cell := range c {
		if cell == "" || l.name[f] == "" || field(f) == long && beginsWith(c[title], cell) {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		writeQuoted(&b, l.name[f])
		b.WriteByte(':')
		writeQuoted(&b, cell)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// writeQuoted writes a JSON string.
func writeQuoted(b *bytes.Buffer, s string) {
	plain := true
	for i := range len(s) {
		c := s[i]
		plain = plain && c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\'
	}
	if plain {
		b.WriteByte('"')
		b.WriteString(s)
		b.WriteByte('"')
		return
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		b.WriteString(`""`) // a string can always be encoded
		return
	}
	b.Truncate(b.Len() - 1) // the line break behind it
}
