package extractors_test

import (
	"errors"
	"strings"
	"testing"

	"hrinvest/extractors"
)

func TestQuote(t *testing.T) {
	table := "a,b\r\n1,\"two\r\nlines\"\r\n3;x,4\r\n"
	activities := "\ufeff<?xml version=\"1.0\"?><iati-activities><other><budget/></other>\n<iati-activity><budget>1</budget></iati-activity>" +
		"<iati-activity><title/><budget a='x'><value>2</value></budget><budget>3</budget></iati-activity></iati-activities>"
	page := `{"value":[{"id":1},{"id":2,"a/b":[true]}]}`
	for _, tt := range []struct{ document, locator, want string }{
		{table, "row 1", "a,b"},
		{table, "row 2", "1,\"two\r\nlines\""},
		{table, "row 3, expenditure", "3;x,4"},
		{table, "row 4", ""},
		{table, "row 0", ""},
		{table, `label "Total budget"`, ""},
		{table, "/value/1", ""},
		{activities, "/iati-activities/iati-activity[1]/budget[1]", "<budget>1</budget>"},
		{activities, "/iati-activities/iati-activity[2]/budget[1]", "<budget a='x'><value>2</value></budget>"},
		{activities, "/iati-activities/iati-activity[2]/budget[2]", "<budget>3</budget>"},
		{activities, "/iati-activities/iati-activity[2]/title", "<title/>"},
		{activities, "/iati-activities/iati-activity[3]/budget[1]", ""},
		{activities, "/iati-activities/iati-activity[1]/budget[2]", ""},
		{activities, "/iati-activity[1]/budget[1]", ""},
		{"<iati-activities><iati-activity>", "/iati-activities/iati-activity[1]", ""},
		{page, "/value/1", `{"id":2,"a/b":[true]}`},
		{page, "/value/1/a~1b/0", "true"},
		{page, "/value/2", ""},
		{page, "/values", ""},
		{"PK\x03\x04", "row 2", ""},
		{"a\n\xff\xfe\n", "row 2", ""},
		{"", "row 1", ""},
	} {
		got, err := extractors.Quote(strings.NewReader(tt.document), tt.locator)
		if string(got) != tt.want || (tt.want == "") != (err != nil) {
			t.Errorf("%s: %q %v, want %q", tt.locator, got, err, tt.want)
		}
		if err != nil && tt.want == "" && !errors.Is(err, extractors.ErrNoQuote) && !strings.HasPrefix(err.Error(), "reading ") {
			t.Errorf("%s: %v", tt.locator, err)
		}
	}
}

// FuzzQuote: whatever the document, a quote is a piece of it.
func FuzzQuote(f *testing.F) {
	f.Add("a,b\n1,2\n", "row 2")
	f.Add("<a><b>1</b></a>", "/a/b[1]")
	f.Add(`{"value":[1]}`, "/value/0")
	f.Fuzz(func(t *testing.T, document, locator string) {
		got, err := extractors.Quote(strings.NewReader(document), locator)
		if err == nil && !strings.Contains(document, string(got)) {
			t.Errorf("%q is not in %q", got, document)
		}
	})
}
