package oecdcrs

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// source is shared by the tests of this file: its tables take a while to read.
var source = New(Config{})

// fuzz parses whatever bytes in a role: it must not fail, and either a document
// is rejected or something of it is counted.
func fuzz(t *testing.T, role string, b []byte) {
	s := parse(t, extractorstest.Doc(role, "CRS", b))
	for _, p := range s.Problems {
		if p.Locator == "/" && (len(s.Disclosures) > 0 || s.Skipped > 0) {
			t.Errorf("a rejected document gave %d statements, %d skipped", len(s.Disclosures), s.Skipped)
		}
	}
	if s.Parsed() < 1 {
		t.Error("nothing was counted, and nothing rejected")
	}
	for _, d := range s.Disclosures {
		if d.Amount == "" || d.Amount == "0" || strings.Trim(d.Amount, "-.0123456789") != "" {
			t.Errorf("amount %q", d.Amount)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add(string(table(header, many(3)...)))
	f.Add(string(table(slim, grant("ProjectTitle", "a \"b\" | c\nd"), grant("USD_Commitment", "x"))))
	f.Add("Year|DonorCode|CrsID|RecipientCode|FlowCode|Bi_Multi|USD_Commitment|USD_Disbursement|PurposeCode\n2021|5|\"1|614|11|1|1||13040\n")
	f.Fuzz(func(t *testing.T, s string) { fuzz(t, roleText, []byte(s)) })
}

func FuzzSDMX(f *testing.F) {
	f.Add(string(answers(answer(), answer("PRICE_BASE", "Q"), answer("LONG_DESCRIPTION", "a,\"b\"\nc"))))
	f.Add("NoRecordsFound")
	f.Fuzz(func(t *testing.T, s string) { fuzz(t, roleSDMX, []byte(s)) })
}

func FuzzZip(f *testing.F) {
	f.Add(archive(f, "CRS 2021 data.txt", table(slim, many(3)...)))
	f.Add(packedBy(f, "CRS 2021 data.txt", 9, table(slim, grant())))
	f.Fuzz(func(t *testing.T, b []byte) {
		if z, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil && len(z.File) > 3 {
			return
		}
		fuzz(t, roleZip, b)
	})
}

func FuzzParquet(f *testing.F) {
	s := usual()
	s.columns = slim
	f.Add(parquetFile(f, s, many(5)...))
	s.plain, s.group = true, 2
	f.Add(parquetFile(f, s, many(5)...))
	f.Add(parquetFile(f, s))
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzz(t, roleParquet, b)
		// what Fetch looks at does not fail either
		tables, err := source.tables()
		if err != nil {
			t.Fatal(err)
		}
		g := &getter{Source: source, ctx: t.Context(), tables: tables}
		if err := g.look(extractorstest.Doc(roleParquet, "CRS", b)); err != nil && !isRefused(err) {
			t.Error(err)
		}
	})
}

func isRefused(err error) bool { return strings.Contains(err.Error(), fetch.ErrRefused.Error()) }

// The fast look for telephone numbers misses none, and nothing is left to replace.
func FuzzContacts(f *testing.F) {
	f.Add("Tel: 030/123 45 67, a@b.example")
	f.Add("+49 30 1234567 TELEPHONE 1234567")
	f.Add("mobile(123) 456-789 fax.1234567")
	f.Fuzz(func(t *testing.T, s string) {
		if phone.MatchString(s) && !maybePhone(s) {
			t.Errorf("%q has a number", s)
		}
		if got := withoutContacts(s); mail.MatchString(got) || phone.MatchString(got) {
			t.Errorf("%q is left of %q", got, s)
		}
	})
}
