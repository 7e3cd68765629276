package oecdcrs

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
)

// read reads a whole table, cells as text.
func read(t testing.TB, b []byte, width int) (out [][]string) {
	t.Helper()
	r := newRows(bytes.NewReader(b), '|')
	r.width = width
	for {
		cells, err := r.next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		var row []string
		for _, c := range cells {
			row = append(row, string(c))
		}
		out = append(out, row)
	}
}

// Quotation marks as files of the system have them.
func TestRows(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		width int
		want  [][]string
	}{
		"plain":                    {"a|b\n1|2\n", 2, [][]string{{"a", "b"}, {"1", "2"}}},
		"no line break at the end": {"a|b\r\n1|2", 2, [][]string{{"a", "b"}, {"1", "2"}}},
		"byte order mark":          {"\ufeff\"a\"|b\n", 2, [][]string{{"a", "b"}}},
		"quoted separator":         {"\"a|b\"|c\n", 2, [][]string{{"a|b", "c"}}},
		"doubled marks":            {"\"say \"\"a|b\"\"\"|c\n", 2, [][]string{{`say "a|b"`, "c"}}},
		"two rewritten cells":      {"\"\"\"x\"\"\"|\"y\"\"z\"\n", 2, [][]string{{`"x"`, `y"z`}}},
		"empty quoted":             {"\"\"|\"\"\n", 2, [][]string{{"", ""}}},
		"marks inside a cell":      {"6\" pipe|b\n", 2, [][]string{{`6" pipe`, "b"}}},
		"a lone mark inside":       {"\"a 6\" pipe\"|b\n", 2, [][]string{{`a 6" pipe`, "b"}}},
		"line breaks":              {"1|\"a\n\nb\"|c\n2|d|e\n", 3, [][]string{{"1", "a\n\nb", "c"}, {"2", "d", "e"}}},
		"blank lines":              {"a|b\n\n\r\n1|2\n\n", 2, [][]string{{"a", "b"}, {"1", "2"}}},
		"a mark that is never closed": {
			"\"open|b\n1|2\n3|4\n", 2, [][]string{{"open|b"}, {"1", "2"}, {"3", "4"}},
		},
		"a mark closed by another row's": {
			"\"open|b|x\n1|2|3\n\"q\"|2|3\n4|5|6\n", 3, [][]string{{"open|b|x"}, {"1", "2", "3"}, {"q", "2", "3"}, {"4", "5", "6"}},
		},
		"empty":       {"", 0, nil},
		"blanks only": {"\n\n", 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, read(t, []byte(c.in), c.width)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Well-formed tables are read as the standard library reads them.
func FuzzRows(f *testing.F) {
	f.Add("a|b\n\"c|\"\"d\"|e\n")
	f.Add("\"a\nb\"|c\n\"\"|\n")
	f.Add("\"open|b\n1|2\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := read(t, []byte(s), 0)
		cells := 0
		for _, row := range got {
			cells += len(row)
		}
		if cells > strings.Count(s, "|")+strings.Count(s, "\n")+1 {
			t.Fatalf("%d cells of %q", cells, s)
		}
		std := csv.NewReader(strings.NewReader(s))
		std.Comma, std.FieldsPerRecord = '|', -1
		want, err := std.ReadAll()
		if err != nil || strings.ContainsAny(s, "\r\ufeff") || strings.Contains(s, "\n\n") || strings.HasPrefix(s, "\n") {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Errorf("%q: %s", s, diff)
		}
	})
}

// Control characters, broken encodings and marks in texts do no harm.
func TestTextsOfTheSystem(t *testing.T) {
	s := parse(t, textDoc(
		grant("ProjectTitle", "Title with \x1a in it\x1a", "LongDescription", "Two\nlines | and \"marks\""),
		grant("CrsID", "2", "ProjectTitle", "Caf\xe9", "ProjectNumber", "04216"),
	))
	if len(s.Disclosures) != 4 || len(s.Problems) > 0 {
		t.Fatalf("%d disclosures, problems %v", len(s.Disclosures), s.Problems)
	}
	if d := s.Disclosures[2]; d.Title != "Title with   in it" || len(d.Texts) != 2 || d.Texts[1].Text != `Two lines | and "marks"` {
		t.Errorf("title %q, text %+v", d.Title, d.Texts)
	}
	d := s.Disclosures[0]
	if d.Title != "Caf\uFFFD" || !utf8.ValidString(string(d.Raw)) {
		t.Errorf("title %q", d.Title)
	}
	if !strings.Contains(d.Key, "|04216|") || !strings.Contains(string(d.Raw), `"ProjectNumber":"04216"`) {
		t.Errorf("a number lost its zero: %s %s", d.Key, d.Raw)
	}
}

// Rows with more or fewer cells are rejected where they could be in scope.
func TestRaggedRows(t *testing.T) {
	good := table(header, grant(), grant("PurposeCode", "16040"), grant("PurposeCode", "15160", "ProjectTitle", "Harm reduction"), grant("PurposeCode", "15160", "PurposeName", "Human rights"))
	lines := strings.SplitAfter(string(good), "\r\n")
	b := lines[0] + "x|" + lines[1] + "x|" + lines[2] + "x|" + lines[3] + "x|" + lines[4] + lines[1]
	s := parse(t, extractorstest.Doc(roleText, "CRS 2021 data.txt", []byte(b)))
	if len(s.Problems) != 2 || len(s.Disclosures) != 2 || s.Skipped != 2 {
		t.Fatalf("problems %v, %d disclosures, skipped %v", s.Problems, len(s.Disclosures), s.reasons)
	}
	if s.Problems[0].Locator != "row 2" || s.Problems[1].Locator != "row 4" || !strings.Contains(s.Problems[0].Reason, "the row has 54 cells, the header 53 columns") {
		t.Errorf("problems %+v", s.Problems)
	}
	if !strings.Contains(string(s.Problems[0].Raw), "x|2021|5|DEU") {
		t.Errorf("quoted %s", s.Problems[0].Raw)
	}
	if s.Disclosures[0].Locator != "row 6" {
		t.Errorf("locator %s", s.Disclosures[0].Locator)
	}
}

// A file that breaks off gives nothing: half a year must not look like one.
func TestFileThatBreaksOff(t *testing.T) {
	whole := table(header, many(300)...)
	for name, c := range map[string]struct {
		role string
		b    []byte
	}{
		"text":    {roleText, whole[:len(whole)/2]},
		"zip":     {roleZip, func() []byte { b := archive(t, "CRS 2021 data.txt", whole); return b[:len(b)/2] }()},
		"sdmx":    {roleSDMX, func() []byte { b := answers(answer(), answer()); return b[:len(b)-90] }()},
		"parquet": {roleParquet, func() []byte { b := parquetFile(t, usual(), many(300)...); return b[:len(b)/2] }()},
		"a page":  {roleText, []byte("<!DOCTYPE html><html><head><title>Sign in</title></head></html>")},
		"empty":   {roleText, nil}, "empty zip": {roleZip, nil}, "empty parquet": {roleParquet, nil}, "empty answer": {roleSDMX, nil},
		"binary": {roleText, bytes.Repeat([]byte{0, 0xff, 0x1a, 0x80}, 300)}, "binary zip": {roleZip, bytes.Repeat([]byte{0, 0xff, 0x1a, 0x80}, 300)},
		"binary parquet": {roleParquet, bytes.Repeat([]byte{0, 0xff, 0x1a, 0x80}, 300)}, "binary answer": {roleSDMX, bytes.Repeat([]byte{0, 0xff, 0x1a, 0x80}, 300)},
		"a header only": {roleText, table(header)}, "no rows": {roleParquet, parquetFile(t, usual())},
		"one line of two megabytes": {roleText, bytes.Repeat([]byte("x"), 2<<20)},
		"a long line later":         {roleText, append(table(header, grant()), bytes.Repeat([]byte("x"), 2<<20)...)},
		"Deflate64":                 {roleZip, packedBy(t, "CRS 2021 data.txt", 9, whole)},
		"zip of a parquet file":     {roleZip, archive(t, "CRS.parquet", []byte("PAR1"))},
		"zip without a table":       {roleZip, archive(t, "readme.pdf", []byte("x"))},
		"damaged inside":            {roleZip, func() []byte { b := archive(t, "x.txt", whole); copy(b[len(b)/3:], "damage"); return b }()},
		"damaged pages": {roleParquet, func() []byte {
			b := parquetFile(t, usual(), many(300)...)
			for i := 4; i < len(b)/2; i += 7 {
				b[i] ^= 0x55
			}
			return b
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, extractorstest.Doc(c.role, "CRS 2021", c.b))
			if len(s.Problems) != 1 || s.Problems[0].Locator != "/" || len(s.Disclosures) > 0 || s.Skipped > 0 {
				t.Fatalf("problems %v, %d disclosures, %d skipped", s.Problems, len(s.Disclosures), s.Skipped)
			}
			t.Log(s.Problems[0].Reason)
		})
	}
	s := parse(t, extractorstest.Doc(roleZip, "CRS.zip", packedBy(t, "CRS 2021 data.txt", 9, whole)))
	if r := s.Problems[0].Reason; !strings.Contains(r, "CRS 2021 data.txt") || !strings.Contains(r, "Deflate64") {
		t.Errorf("reason = %s", r)
	}
	// the other documents are not affected
	s = parse(t, extractorstest.Doc(roleText, "half.txt", whole[:len(whole)/2]), textDoc(grant()))
	if len(s.Problems) != 1 || len(s.Disclosures) != 2 {
		t.Errorf("problems %v, %d disclosures", s.Problems, len(s.Disclosures))
	}
}

func TestRole(t *testing.T) {
	src := New(Config{})
	for _, c := range []struct{ name, head, want string }{
		{"CRS-reduced.parquet", "PAR1....", roleParquet},
		{"anything", "PAR1....", roleParquet},
		{"CRS 2021 data.zip", "PK\x03\x04", roleZip},
		{"given.zip", "PK\x03\x04" + strings.Repeat("\x00", 26) + "CRS 2021 data.txt", roleZip},
		{"photos.zip", "PK\x03\x04" + strings.Repeat("\x00", 26) + "beach.jpg", ""},
		{"any.txt", string(table(header, grant())), roleText},
		{"any.txt", "\ufeff" + string(table(header, grant())), roleText},
		{"lost a column.txt", string(table(without("PurposeCode"), grant())), roleText},
		{"any.csv", string(answers(answer())), roleSDMX},
		{"crs_answer.csv", "", roleSDMX},
		{"CRS.parquet", "<html>", roleParquet},
		{"CRS 2021 data.zip", "<html>", roleZip},
		{"CRS 2021 data.txt", "<html>", roleText},
		{"notes.txt", "hello", ""},
		{"crs_totals.csv", "donor,recipient,sector,year,value,country\n", ""},
		{"table.csv", "a,b,c\n", ""},
	} {
		if got := src.Role(c.name, []byte(c.head)); got != c.want {
			t.Errorf("Role(%q, %.20q) = %q, want %q", c.name, c.head, got, c.want)
		}
	}
}
