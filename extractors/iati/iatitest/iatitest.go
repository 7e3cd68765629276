// Package iatitest generates activity files shaped like published ones, for
// benchmarks and tests of whatever reads them.
package iatitest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
)

// generator writes activities shaped like published ones: about 1 kB per
// transaction, ten or so of them, budgets, a few narratives.
type generator struct {
	r   *rand.Rand
	b   bytes.Buffer
	n   int
	hiv float64 // share of activities about HIV
}

func newGenerator(hiv float64) *generator {
	g := &generator{r: rand.New(rand.NewPCG(1, 2)), hiv: hiv}
	g.b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<iati-activities version=\"2.03\" generated-datetime=\"2026-11-01T00:00:00Z\">\n")
	return g
}

var generatedWords = []string{"rural", "water", "supply", "the", "programme", "supports", "districts", "of", "education", "and", "primary",
	"schools", "improved", "access", "health", "centres", "roads", "réseau", "énergie", "capacity", "ministry", "medicines", "harmonised", "pharmacy", "training"}

func (g *generator) words(n int) string {
	var b bytes.Buffer
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(generatedWords[g.r.IntN(len(generatedWords))])
	}
	return b.String()
}

func (g *generator) activity() {
	g.n++
	sector, title := "11220", g.words(7)
	if g.r.Float64() < g.hiv {
		sector, title = "13040", title+" for people who inject drugs"
	} else if g.r.Float64() < 0.05 { // looks like it to a search in the bytes
		title += " and essential drugs"
	}
	w := func(format string, a ...any) { fmt.Fprintf(&g.b, format, a...) }
	w(" <iati-activity default-currency=\"USD\" hierarchy=\"1\" last-updated-datetime=\"2026-10-01T00:00:00Z\" xml:lang=\"en\">\n")
	w("  <iati-identifier>XX-GEN-%d</iati-identifier>\n  <reporting-org ref=\"XX-GEN\" type=\"10\">\n   <narrative>Generated Agency</narrative>\n  </reporting-org>\n", g.n)
	w("  <title>\n   <narrative xml:lang=\"en\">%s</narrative>\n   <narrative xml:lang=\"fr\">%s</narrative>\n  </title>\n", title, g.words(7))
	w("  <description type=\"1\">\n   <narrative xml:lang=\"en\">%s &amp; %s</narrative>\n  </description>\n", g.words(40), g.words(20))
	for role := 1; role <= 4; role++ {
		w("  <participating-org ref=\"XX-ORG-%d\" role=\"%d\" type=\"10\">\n   <narrative>Organisation %d</narrative>\n  </participating-org>\n", g.r.IntN(99), role, role)
	}
	w("  <activity-status code=\"2\"/>\n  <activity-date iso-date=\"2024-01-01\" type=\"1\"/>\n  <activity-date iso-date=\"2026-12-31\" type=\"3\"/>\n")
	w("  <contact-info type=\"1\">\n   <email>someone@example.org</email>\n  </contact-info>\n")
	if g.n%5 == 0 {
		w("  <recipient-country code=\"KG\" percentage=\"60\"/>\n  <recipient-country code=\"TJ\" percentage=\"40\"/>\n")
	} else {
		w("  <recipient-country code=\"KG\" percentage=\"100\"/>\n")
	}
	for range 2 {
		w("  <location>\n   <name>\n    <narrative>%s</narrative>\n   </name>\n   <point srsName=\"http://www.opengis.net/def/crs/EPSG/0/4326\">\n    <pos>42.87 74.59</pos>\n   </point>\n  </location>\n", g.words(2))
	}
	w("  <sector code=\"%s\" percentage=\"100\" vocabulary=\"1\"/>\n", sector)
	for y := 2024; y < 2027; y++ {
		w("  <budget status=\"1\" type=\"1\">\n   <period-start iso-date=\"%d-01-01\"/>\n   <period-end iso-date=\"%d-12-31\"/>\n   <value currency=\"USD\" value-date=\"%d-01-01\">%d.50</value>\n  </budget>\n", y, y, y, g.r.IntN(1e6))
	}
	for i := range 12 {
		w("  <transaction ref=\"%d-%d\">\n   <transaction-type code=\"%d\"/>\n   <transaction-date iso-date=\"202%d-0%d-15\"/>\n   <value currency=\"USD\" value-date=\"2025-03-31\">%d.%02d</value>\n",
			g.n, i, 2+g.r.IntN(3), 4+g.r.IntN(3), 1+g.r.IntN(9), g.r.IntN(1e7), g.r.IntN(100))
		w("   <description>\n    <narrative>%s</narrative>\n   </description>\n", g.words(9))
		w("   <provider-org provider-activity-id=\"XX-GEN-%d\" ref=\"XX-GEN\" type=\"10\">\n    <narrative>Generated Agency</narrative>\n   </provider-org>\n", g.n)
		w("   <receiver-org ref=\"XX-ORG-%d\" type=\"22\">\n    <narrative>%s</narrative>\n   </receiver-org>\n", g.r.IntN(99), g.words(3))
		w("   <disbursement-channel code=\"1\"/>\n   <flow-type code=\"10\"/>\n   <finance-type code=\"110\"/>\n   <aid-type code=\"C01\" vocabulary=\"1\"/>\n   <tied-status code=\"5\"/>\n  </transaction>\n")
	}
	w(" </iati-activity>\n")
}

// Generate returns an activity file of at least size bytes in which the given
// share of activities is about people who inject drugs. The same arguments give
// the same bytes.
func Generate(size int, hiv float64) []byte {
	g := newGenerator(hiv)
	for g.b.Len() < size {
		g.activity()
	}
	g.b.WriteString("</iati-activities>\n")
	return g.b.Bytes()
}

// The structs a program that decodes with encoding/xml would use.
type xmlNarrative struct {
	Lang string `xml:"lang,attr"`
	Text string `xml:",chardata"`
}

type xmlOrg struct {
	Ref        string         `xml:"ref,attr"`
	Role       string         `xml:"role,attr"`
	Type       string         `xml:"type,attr"`
	Provider   string         `xml:"provider-activity-id,attr"`
	Receiver   string         `xml:"receiver-activity-id,attr"`
	Narratives []xmlNarrative `xml:"narrative"`
}

type xmlCode struct {
	Code       string `xml:"code,attr"`
	Vocabulary string `xml:"vocabulary,attr"`
	Percentage string `xml:"percentage,attr"`
	Date       string `xml:"iso-date,attr"`
}

type xmlValue struct {
	Currency string `xml:"currency,attr"`
	Date     string `xml:"value-date,attr"`
	Text     string `xml:",chardata"`
}

type xmlActivity struct {
	Currency      string         `xml:"default-currency,attr"`
	Lang          string         `xml:"lang,attr"`
	Identifier    string         `xml:"iati-identifier"`
	Reporting     xmlOrg         `xml:"reporting-org"`
	Title         []xmlNarrative `xml:"title>narrative"`
	Description   []xmlNarrative `xml:"description>narrative"`
	Participating []xmlOrg       `xml:"participating-org"`
	Countries     []xmlCode      `xml:"recipient-country"`
	Sectors       []xmlCode      `xml:"sector"`
	Budgets       []struct {
		Type  string   `xml:"type,attr"`
		Start xmlCode  `xml:"period-start"`
		End   xmlCode  `xml:"period-end"`
		Value xmlValue `xml:"value"`
	} `xml:"budget"`
	Transactions []struct {
		Ref         string         `xml:"ref,attr"`
		Type        xmlCode        `xml:"transaction-type"`
		Date        xmlCode        `xml:"transaction-date"`
		Value       xmlValue       `xml:"value"`
		Description []xmlNarrative `xml:"description>narrative"`
		Provider    xmlOrg         `xml:"provider-org"`
		Receiver    xmlOrg         `xml:"receiver-org"`
	} `xml:"transaction"`
}

// StructDecode is the yardstick of the benchmarks: one goroutine, encoding/xml
// into structs. It returns the number of transactions and budgets.
func StructDecode(data []byte) (statements int, err error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.Token()
		if err == io.EOF {
			return statements, nil
		}
		if err != nil {
			return statements, err
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "iati-activity" {
			var a xmlActivity
			if err := d.DecodeElement(&a, &e); err != nil {
				return statements, err
			}
			statements += len(a.Transactions) + len(a.Budgets)
		}
	}
}
