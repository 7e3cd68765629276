package evidence_test

import (
	"fmt"
	"testing"

	"hrinvest/extractors/evidence"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch/fetchtest"
)

// statements is a sheet of n rows, each of about an amount.
func statements(t testing.TB, n, amount int) []byte {
	t.Helper()
	var rows []map[string]string
	for i := range n {
		r := change("id", fmt.Sprint("row-", i), "amount", fmt.Sprint(amount+i%5))
		rows = append(rows, r)
	}
	return sheet(t, rows...)
}

// A team keeps its sheets on line: one as CSV, one as XLSX.
func TestFetching(t *testing.T) {
	hosts := func(csv []byte) fetchtest.Hosts {
		return fetchtest.Hosts{
			"sheets.example": fetchtest.Body("text/csv", csv),
			"files.example":  fetchtest.Body("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook(t, "evidence")),
		}
	}
	src := evidence.NewWith(evidence.Config{Sheets: []string{"https://sheets.example/d/1/export?format=csv", "https://files.example/sheet.xlsx"}})
	extractorstest.Fetching(t, src, extractorstest.Emulator{
		Hosts: hosts(statements(t, 200, 1000)), Fewer: hosts(statements(t, 20, 1000)), Moved: hosts(statements(t, 200, 1_000_000)),
	})
}

func BenchmarkParse(b *testing.B) {
	const rows = 5000
	doc := extractorstest.Doc("sheet", "sheet.csv", statements(b, rows, 1000))
	src := evidence.New()
	for b.Loop() {
		if r := extractorstest.Parse(b, src, doc); len(r.Disclosures) != rows {
			b.Fatalf("%d statements", len(r.Disclosures))
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
