package unaids

import (
	"bytes"
	"fmt"
	"testing"

	"hrinvest/extractors/extractorstest"
)

// BenchmarkParse reads tables as large as the published ones, of which most rows
// are not used.
func BenchmarkParse(b *testing.B) {
	var estimates bytes.Buffer
	estimates.WriteString(header2025)
	subs := []string{"ESTIMATE_ALL_AGES", "LOW_ESTIMATE_ALL_AGES", "HIGH_ESTIMATE_ALL_AGES"}
	for i := len(subs); i < 150; i++ {
		subs = append(subs, fmt.Sprintf("FEMALES_%d_ESTIMATE", i))
	}
	rows := 0
	for _, c := range countryList {
		for y := 1990; y < 2025; y++ {
			for i, s := range subs {
				fmt.Fprintf(&estimates, "People living with HIV,PLWH,Number,%s,%s,%s,%s,2,%d,UNAIDS epidemiological estimates 2025,%d.25,%d,,\r\n", s, s, c[4:], c[:3], y, i*y, i*y)
				rows++
			}
		}
	}
	answer := healthy().answer("GAM", bySource+"@USD@TOTAL")
	for _, bb := range []struct {
		name, role string
		text       []byte
		rows       int
	}{
		{"zip", roleZip, zipped("Estimates_2025_en.csv", estimates.Bytes()), rows},
		{"answer", roleAPI, answer, len(countryList) * (lastYear - firstYear + 1)},
		{"workbook", roleProgrammes, healthy().programmes(b), 2 * len(countryList) * (lastYear - firstYear + 1)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			doc := extractorstest.Doc(bb.role, "Estimates_2025_en.zip", bb.text)
			b.ReportAllocs()
			for b.Loop() {
				if r := extractorstest.Parse(b, New(), doc); len(r.Observations)+len(r.Disclosures) == 0 || len(r.Problems) > 0 {
					b.Fatalf("%d observations, problems %v", len(r.Observations), r.Problems)
				}
			}
			b.ReportMetric(float64(bb.rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"Data":[{"Observation":[{"AREA":{"id":"GEO","value":"Georgia"},"TIME_PERIOD":"2021","OBS_VALUE":5}]}]}`))
	f.Add([]byte(`{"data":[{"observations":[{"area":["Georgia"],"TIME_PERIOD":2021,"OBS_VALUE":-1e9},{}]}]}`))
	f.Add([]byte(`{"Data":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		New().Role("x.json", b)
		doc := answerDoc("KPA", byPopulation, "USD", "PWID_TOTAL", string(b))
		r := extractorstest.Parse(t, New(), doc)
		extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
		if r.Parsed()+len(r.Observations) == 0 {
			t.Error("neither a value nor a problem")
		}
		if err := lookAtAnswer(doc); err == nil && len(r.Disclosures)+len(r.Problems)+r.Skipped == 0 {
			t.Error("an answer that was believed says nothing")
		}
	})
}

func FuzzWorkbook(f *testing.F) {
	f.Add("Country", "Year", "Category", "Total", "Georgia", "2022", "Harm reduction", "12")
	f.Add("Reporting cycle", "2011", "2012", "", "Georgia", "5", "6", "")
	f.Add("", "Country", "Fiscal year", "Total (thousands)", "Needles", "2021/22", "…", "1e9")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i string) {
		for _, s := range []*string{&a, &b, &c, &d, &e, &g, &h, &i} {
			*s = (*s)[:min(len(*s), 1000)] // a cell holds 32,767 characters
		}
		doc := extractorstest.Doc(roleProgrammes, workbookName, sheetOf(t, []any{a, b, c, d}, []any{e, g, h, i}, []any{e, g, h, i, a}))
		r := extractorstest.Parse(t, New(), doc)
		extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
		if err := lookAtWorkbook(doc); err != nil && len(r.Problems) == 0 {
			t.Errorf("refused, and read without a problem: %v", err)
		}
	})
}
