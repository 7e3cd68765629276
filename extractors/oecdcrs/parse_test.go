package oecdcrs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// sink gathers what a Parse gives, with the reasons of what was skipped.
type sink struct {
	extractorstest.Result
	reasons map[string]int
}

func (s *sink) Skip(doc string, n int, reason string) error {
	if s.reasons == nil {
		s.reasons = map[string]int{}
	}
	s.reasons[reason] += n
	return s.Result.Skip(doc, n, reason)
}

func parse(t testing.TB, docs ...fetch.Document) *sink {
	t.Helper()
	var s sink
	if err := source.Parse(t.Context(), docs, &s); err != nil {
		t.Fatalf("Parse: %v", err)
	}
	extractorstest.Check(t, &s.Result, nil)
	return &s
}

func textDoc(reports ...report) fetch.Document {
	return extractorstest.Doc(roleText, "CRS 2021 data.txt", table(header, reports...))
}

// one parses a report and returns its statement of a kind.
func one(t testing.TB, kind extractors.Kind, r report) extractors.Disclosure {
	t.Helper()
	s := parse(t, textDoc(r))
	for _, d := range s.Disclosures {
		if d.Kind == kind {
			return d
		}
	}
	t.Fatalf("no %s: %+v, skipped %v, problems %v", kind, s.Disclosures, s.reasons, s.Problems)
	return extractors.Disclosure{}
}

// A row states a commitment and a disbursement, in dollars once the point is moved.
func TestOneRow(t *testing.T) {
	doc := textDoc(grant())
	s := parse(t, doc)
	want := []extractors.Disclosure{{
		Document: doc.SHA256, Locator: "row 2",
		Key:   "5|2|2021000017|INV-17|614|13040|2021|11|110",
		Group: "5/2021000017", ActivityID: "5/2021000017", Title: "An invented activity",
		Texts: []extractors.Text{{Text: "Words that describe the invented activity."}},
		Kind:  extractors.Commitment, Amount: "500000", Currency: "USD", Year: "2021",
		Parties: []extractors.Party{
			{Role: extractors.Funder, Name: "Germany", Type: "bilateral"},
			{Role: extractors.Channel, Name: "Developing country-based NGO"},
		},
		Places:  []extractors.Share{{Vocabulary: "dac", Code: "614", Name: "Kyrgyzstan"}},
		Sectors: []extractors.Share{{Vocabulary: "dac", Code: "13040", Name: "STD control including HIV/AIDS"}},
		Codes:   []extractors.Code{{Scheme: "crs", Code: "13040"}},
		Flags:   []string{"in_millions", "bi_multi:1"},
	}}
	want = append(want, want[0])
	want[1].Kind, want[1].Amount = extractors.Disbursement, "87207"
	got := slices.Clone(s.Disclosures)
	for i := range got {
		var quoted map[string]string
		if err := json.Unmarshal(got[i].Raw, &quoted); err != nil {
			t.Fatal(err)
		}
		for column, v := range map[string]string{
			"USD_Commitment": "0.5", "USD_Disbursement": "0.087207", "USD_Disbursement_Defl": "0.09", "AgencyName": "Invented Ministry", "SDGfocus": "3.3",
		} {
			if quoted[column] != v {
				t.Errorf("quoted %s = %q, want %q", column, quoted[column], v)
			}
		}
		got[i].Raw = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s.Skipped != 0 || len(s.Problems) != 0 {
		t.Errorf("skipped %v, problems %v", s.reasons, s.Problems)
	}
}

// Rows of an activity stand apart in the file and together in what is given out;
// the order of the file changes nothing; equal rows are all given.
func TestGroupsAndOrder(t *testing.T) {
	reports := many(600)
	reports = append(reports, grant(), grant("Year", "2019"), grant(), grant())
	s := parse(t, textDoc(reports...))
	slices.Reverse(reports)
	again := parse(t, textDoc(reports...))
	amounts := func(s *sink) (out []string) {
		for _, d := range s.Disclosures {
			out = append(out, d.Key+" "+string(d.Kind)+" "+d.Amount+" "+d.Title)
		}
		return out
	}
	if diff := cmp.Diff(amounts(s), amounts(again)); diff != "" {
		t.Error(diff)
	}
	n := 0
	for _, d := range s.Disclosures {
		if d.Group == "5/2021000017" {
			n++
		}
	}
	if n != 8 {
		t.Errorf("%d statements of the activity, want 8", n)
	}
	if diff := cmp.Diff(s.reasons, again.reasons); diff != "" {
		t.Error(diff)
	}
}

// The shapes say the same of the same reports.
func TestShapesAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	reports := many(700)
	want := parse(t, textDoc(reports...))
	zipped := extractorstest.Doc(roleZip, "CRS 2021 data.zip", archive(t, "CRS 2021 data.txt", table(header, reports...)))
	shapes := map[string]fetch.Document{"zip": zipped}
	typed := map[string]func(*parquetShape){
		"usual":                func(*parquetShape) {},
		"plain":                func(s *parquetShape) { s.plain = true },
		"one row group":        func(s *parquetShape) { s.group = 0 },
		"small pages":          func(s *parquetShape) { s.group, s.page, s.plain = 0, 512, true },
		"int64 purpose":        func(s *parquetShape) { s.types["PurposeCode"] = parquet.Types.Int64 },
		"text purpose":         func(s *parquetShape) { delete(s.types, "PurposeCode") },
		"floating purpose":     func(s *parquetShape) { s.types["PurposeCode"] = parquet.Types.Double },
		"decimal amounts":      func(s *parquetShape) { s.decimals = map[string]int{"USD_Commitment": 6, "USD_Disbursement": 6} },
		"text amounts":         func(s *parquetShape) { delete(s.types, "USD_Commitment"); delete(s.types, "USD_Disbursement") },
		"required purpose":     func(s *parquetShape) { s.required = map[string]bool{"PurposeCode": true, "Year": true} },
		"gzip":                 func(s *parquetShape) { s.codec = compress.Codecs.Gzip },
		"zstd":                 func(s *parquetShape) { s.codec = compress.Codecs.Zstd },
		"large groups of text": func(s *parquetShape) { s.group, s.types = 333, map[string]parquet.Type{} },
	}
	for name, change := range typed {
		s := usual()
		change(&s)
		shapes[name] = extractorstest.Doc(roleParquet, "CRS-reduced.parquet", parquetFile(t, s, reports...))
	}
	for name, doc := range shapes {
		t.Run(name, func(t *testing.T) {
			got := parse(t, doc)
			if len(got.Problems) > 0 {
				t.Fatalf("problems: %v", got.Problems[0])
			}
			if diff := cmp.Diff(said(want), said(got)); diff != "" {
				t.Errorf("statements differ:\n%.2000s", diff)
			}
			if diff := cmp.Diff(want.reasons, got.reasons); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// said is what statements say, without where it stands.
func said(s *sink) (out []extractors.Disclosure) {
	for _, d := range s.Disclosures {
		d.Document, d.Locator, d.Raw = "", "", nil
		out = append(out, d)
	}
	return out
}

// Columns change their spelling; what is needed and gone is named.
func TestColumnsDrift(t *testing.T) {
	spelled := map[string]string{
		"DonorCode": "donor_code", "SDGfocus": "sd_gfocus", "LDCflag": "ld_cflag", "PSIflag": "ps_iflag", "IncomegroupName": "incomegoup_name",
		"USD_Commitment": "usd.commitment", "ProjectTitle": "Project Title", "PurposeCode": "PURPOSECODE", "Bi_Multi": "BiMulti",
	}
	b := string(table(header, grant("PSIflag", "1")))
	first, rest, _ := strings.Cut(b, "\r\n")
	columns := strings.Split(first, "|")
	for i, c := range columns {
		if s := spelled[c]; s != "" {
			columns[i] = s
		}
	}
	s := parse(t, extractorstest.Doc(roleText, "CRS 2021 data.txt", []byte("\ufeff"+strings.Join(columns, "|")+"\n"+rest)))
	if len(s.Disclosures) != 2 {
		t.Fatalf("%d disclosures, problems %v", len(s.Disclosures), s.Problems)
	}
	for _, want := range []string{`"sd_gfocus":"3.3"`, `"ld_cflag":"0"`, `"ps_iflag":"1"`, `"incomegoup_name":"LMICs"`, `"usd.commitment":"0.5"`} {
		if !strings.Contains(string(s.Disclosures[0].Raw), want) {
			t.Errorf("%s is not in %s", want, s.Disclosures[0].Raw)
		}
	}
	for _, gone := range []string{"PurposeCode", "DonorCode", "USD_Disbursement", "RecipientCode", "Year", "Bi_Multi"} {
		for role, b := range map[string][]byte{
			roleText:    table(without(gone), grant()),
			roleZip:     archive(t, "CRS 2021 data.txt", table(without(gone), grant())),
			roleParquet: parquetFile(t, func() parquetShape { s := usual(); s.columns = without(gone); return s }(), grant()),
		} {
			s := parse(t, extractorstest.Doc(role, "x", b))
			if len(s.Problems) != 1 || s.Problems[0].Locator != "/" || !strings.Contains(s.Problems[0].Reason, "column "+gone+" is missing") || len(s.Disclosures) > 0 {
				t.Errorf("%s without %s: %+v", role, gone, s.Problems)
			}
		}
	}
	s = parse(t, extractorstest.Doc(roleText, "x", table(without("PurposeCode", "Year"), grant())))
	if !strings.Contains(s.Problems[0].Reason, "columns Year, PurposeCode are missing") {
		t.Errorf("reason = %s", s.Problems[0].Reason)
	}
}

// A sum that stands in several documents is given once.
func TestSameSumInSeveralDocuments(t *testing.T) {
	older, newer := textDoc(grant(), grant("Year", "2020", "USD_Disbursement", "9")), textDoc(grant("USD_Disbursement", "0.2"))
	older.Retrieved, newer.Retrieved = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	api := extractorstest.Doc(roleSDMX, "answer.csv", answers(answer("OBS_VALUE", "7"), answer("SECTOR", "16064", "OBS_VALUE", "3"), answer("FLOW_TYPE", "C", "OBS_VALUE", "8")))
	api.Retrieved = newer.Retrieved.AddDate(1, 0, 0)
	all := extractorstest.Doc(roleParquet, "CRS.parquet", parquetFile(t, usual(), grant("USD_Disbursement", "0.3")))
	for name, c := range map[string]struct {
		docs []fetch.Document
		want []string
		skip map[string]int
	}{
		"the newer one": {
			[]fetch.Document{older, newer},
			[]string{"2020 13040 commitment 500000", "2020 13040 disbursement 9000000", "2021 13040 commitment 500000", "2021 13040 disbursement 200000"},
			map[string]int{"the same year and purpose are in CRS 2021 data.txt": 2},
		},
		"a file before an answer": {
			[]fetch.Document{api, newer},
			[]string{"2021 13040 commitment 500000", "2021 13040 disbursement 200000", "2021 16064 disbursement 3000000"},
			map[string]int{"the same year and purpose are in CRS 2021 data.txt": 2},
		},
		"extracts of two recipients": {
			[]fetch.Document{
				extractorstest.Doc(roleSDMX, "kgz.csv", answers(answer("OBS_VALUE", "1"))),
				extractorstest.Doc(roleSDMX, "ukr.csv", answers(answer("RECIPIENT", "UKR", "OBS_VALUE", "2"))),
				extractorstest.Doc(roleSDMX, "kgz again.csv", answers(answer("OBS_VALUE", "3"))),
			},
			[]string{"2021 13040 disbursement 1000000", "2021 13040 disbursement 2000000"},
			map[string]int{"the same year and purpose are in kgz.csv": 1},
		},
		"all years before one": {
			[]fetch.Document{older, all},
			[]string{"2020 13040 commitment 500000", "2020 13040 disbursement 9000000", "2021 13040 commitment 500000", "2021 13040 disbursement 300000"},
			map[string]int{"the same year and purpose are in CRS.parquet": 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, c.docs...)
			var got []string
			for _, d := range s.Disclosures {
				got = append(got, d.Year+" "+d.Sectors[0].Code+" "+string(d.Kind)+" "+d.Amount)
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.skip, s.reasons); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What must be in a row and is not.
func TestRowWithoutYearOrDonor(t *testing.T) {
	s := parse(t, textDoc(grant("Year", ""), grant("DonorCode", ""), grant()))
	if len(s.Problems) != 2 || len(s.Disclosures) != 2 || s.Problems[0].Reason != "the row has no Year" || s.Problems[1].Reason != "the row has no DonorCode" {
		t.Errorf("problems %+v, %d disclosures", s.Problems, len(s.Disclosures))
	}
	s = parse(t, textDoc(grant("CrsID", "", "ProjectNumber", "INV-1"), grant("CrsID", "", "ProjectNumber", "INV-2")))
	if len(s.Disclosures) != 4 || s.Disclosures[0].Group == s.Disclosures[2].Group {
		t.Errorf("activities without an id share a group: %+v", s.Disclosures)
	}
}

type failing struct{ extractorstest.Result }

var errSink = errors.New("sink is full")

func (*failing) Disclose(extractors.Disclosure) error { return errSink }

func (*failing) Reject(extractors.Problem) error { return errSink }

func (*failing) Skip(string, int, string) error { return errSink }

// Errors of the run come back, whatever the document.
func TestRunFails(t *testing.T) {
	docs := map[string]fetch.Document{
		"text": textDoc(many(3000)...), "parquet": extractorstest.Doc(roleParquet, "x.parquet", parquetFile(t, usual(), many(3000)...)),
		"zip": extractorstest.Doc(roleZip, "x.zip", archive(t, "x.txt", table(header, many(3000)...))), "sdmx": extractorstest.Doc(roleSDMX, "x.csv", answers(answer())),
		"rubbish": extractorstest.Doc(roleText, "x.txt", []byte("a|b\n1|2\n")),
	}
	for name, d := range docs {
		if err := New(Config{}).Parse(t.Context(), []fetch.Document{d}, &failing{}); !errors.Is(err, errSink) {
			t.Errorf("%s: Parse into a failing sink = %v", name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := New(Config{}).Parse(ctx, []fetch.Document{d}, &extractorstest.Result{}); err == nil && name != "rubbish" {
			t.Errorf("%s: Parse with a cancelled context returned nil", name)
		}
		d.OpenFunc = nil
		if err := New(Config{}).Parse(t.Context(), []fetch.Document{d}, &extractorstest.Result{}); err == nil {
			t.Errorf("%s: Parse of a document that cannot be opened returned nil", name)
		}
	}
}
