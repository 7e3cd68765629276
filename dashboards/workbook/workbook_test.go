package workbook

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

// The workbook holds every table; numbers are numbers, ids are texts, and what is
// not there is empty.
func TestWrite(t *testing.T) {
	rel := wt.Publish(t, t.TempDir(), wt.Tables{
		"sources": {{"source": "s1", "title": "Source one", "licence": "CC BY 4.0", "origin": "bundled"}, {"source": "s2", "licence": "no redistribution: ask the publisher", "origin": "live"}},
		"flows": {
			wt.Flow(map[string]any{"flow_id": "0012", "amount": "1455000.5", "usd": nil, "title": "=1+1"}),
			wt.Flow(map[string]any{"flow_id": "f2", "amount": "123456789012.345678"}),
			wt.Flow(map[string]any{"flow_id": "f3", "source": "s2"}),
		},
	})
	x, err := warehouse.Export(t.Context(), rel, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	var b bytes.Buffer
	long, err := Write(t.Context(), &b, rel, x)
	if err != nil || long != nil {
		t.Fatal(long, err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := []string{"About", "Columns"}
	for _, table := range x.Tables() {
		want = append(want, table.Name)
	}
	if d := cmp.Diff(want, f.GetSheetList()); d != "" {
		t.Errorf("sheets: -want +got\n%s", d)
	}
	rows, err := f.GetRows("flows", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 { // the flow of s2 may not be passed on
		t.Errorf("%d rows, want a head and 2", len(rows))
	}
	for row, want := range map[int]map[string]string{
		2: {"flow_id": "0012 text", "amount": "1455000.5 number", "usd": " number", "title": "=1+1 text", "counted": "1 bool", "period_start": "43101 number"},
		3: {"flow_id": "f2 text", "amount": "123456789012.345678 text", "usd": "100 number"},
	} {
		for name, value := range want {
			i := 0
			for rows[0][i] != name {
				i++
			}
			cell, err := excelize.CoordinatesToCellName(i+1, row)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := f.GetCellValue("flows", cell, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			kind, err := f.GetCellType("flows", cell)
			if err != nil {
				t.Fatal(err)
			}
			words := map[excelize.CellType]string{excelize.CellTypeInlineString: "text", excelize.CellTypeSharedString: "text", excelize.CellTypeUnset: "number", excelize.CellTypeNumber: "number", excelize.CellTypeBool: "bool"}
			if got := raw + " " + words[kind]; got != value {
				t.Errorf("%s of row %d is %q, want %q", name, row, got, value)
			}
		}
	}
	if title, err := f.GetCellValue("About", "B2"); err != nil || title != rel.ID {
		t.Errorf("About says %q, %v", title, err)
	}
}
