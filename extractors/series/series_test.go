package series

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// reading is a source whose Parse is the function; nothing else of it is asked.
type reading struct {
	extractors.Source
	read func(*Reader, []byte) error
}

func (s reading) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	return Parse(ctx, docs, out, s.read)
}

// pairs reads a table of two columns, area and value.
func pairs(r *Reader, b []byte) error {
	return r.Table(b, func(h []string) string {
		if Column(h, "place", "area") != 0 || Column(h, "value") != 1 {
			return "other columns"
		}
		return ""
	}, func(locator string, f []string) error {
		if problem := Short(f, 0, 1); problem != "" {
			return r.Reject(locator, problem, f...)
		}
		return r.Observe(extractors.Observation{Locator: locator, Indicator: "i", Area: f[0], Value: f[1]})
	})
}

func TestTable(t *testing.T) {
	for name, c := range map[string]struct {
		in             string
		want, problems []string
	}{
		"mark and spelling": {"\ufeff Area ,VALUE\nKGZ,1\n", []string{"row 2 KGZ 1"}, nil},
		"bad rows": {
			"area,value\nKGZ\nTJK,\"1\" x\n\"KAZ\n\",3\nUZB,4\n",
			[]string{"row 4 KAZ\n 3", "row 6 UZB 4"},
			[]string{`row 2: 1 fields, fewer than the header promises {"fields":["KGZ"]}`, `row 3: not readable as CSV: extraneous or missing " in quoted-field `},
		},
		"cut":          {"area,value\nKGZ,1\nTJK,2", []string{"row 2 KGZ 1"}, []string{`row 3: the file ends inside this row, without a line break: it may be cut {"fields":["TJK","2"]}`}},
		"not UTF-8":    {"area,value\nKG\xff\n", nil, []string{`row 2: 1 fields, fewer than the header promises {"fields":["KG�"]}`}},
		"other header": {"a,b\n1,2\n", nil, []string{"/: other columns "}},
		"no table":     {"\"a", nil, []string{`/: not a table: extraneous or missing " in quoted-field `}},
		"empty":        {"", nil, []string{"/: the document is empty "}},
	} {
		t.Run(name, func(t *testing.T) {
			r := extractorstest.Parse(t, reading{read: pairs}, extractorstest.Doc("", "x", []byte(c.in)))
			var got, problems []string
			for _, o := range r.Observations {
				got = append(got, o.Locator+" "+o.Area+" "+o.Value)
			}
			for _, p := range r.Problems {
				problems = append(problems, p.Locator+": "+p.Reason+" "+string(p.Raw))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTooLong(t *testing.T) {
	doc := extractorstest.Doc("", "x", nil)
	doc.OpenFunc = func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(zeros{}, MaxBytes+1)), nil
	}
	r := extractorstest.Parse(t, reading{read: func(*Reader, []byte) error { t.Error("it is read"); return nil }}, doc)
	if len(r.Problems) != 1 {
		t.Errorf("problems %v", r.Problems)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A long document is left when the run is cancelled.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	doc := extractorstest.Doc("", "x", []byte("area,value\n"+strings.Repeat("KGZ,1\n", 5000)))
	var got extractorstest.Result
	err := Parse(ctx, extractors.Set{doc}, &got, func(r *Reader, b []byte) error { cancel(); return pairs(r, b) })
	if !errors.Is(err, context.Canceled) || len(got.Observations) > 1000 {
		t.Errorf("%d observations, %v", len(got.Observations), err)
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string][2]bool{ // positive, one
		"1": {true, true}, "1.0": {true, true}, "1.00000": {true, true}, "1.": {false, true}, "0.9": {true, false}, "11": {true, false}, "1.01": {true, false},
		"2.86684433333333e-08": {true, false}, "5E3": {true, false}, "0": {}, "0.000": {}, "0e5": {}, "-1": {}, "": {}, "..": {}, "1,5": {}, "1e9999": {}, "NaN": {}, "+1": {},
	} {
		if got := [2]bool{Positive(in) == "", One(in)}; got != want {
			t.Errorf("%q: positive, one = %v, want %v", in, got, want)
		}
	}
}

func TestLook(t *testing.T) {
	src := reading{read: pairs}
	lie := func(o extractors.Observation) string {
		if o.Area == "USA" && !One(o.Value) {
			return "a lie"
		}
		return ""
	}
	for in, want := range map[string]string{
		"area,value\nUSA,1\n":      "",
		"area,value\nUSA,2\n":      "row 2: a lie",
		"area,value\nKGZ\n":        "no value can be read of it: row 2: 1 fields",
		"<html>Sign in</html>\n":   "no value can be read of it: /: other columns",
		"area,value\nKGZ\nTJK,1\n": "",
	} {
		err := Look(t.Context(), src, extractors.Set{extractorstest.Doc("", "x", []byte(in))}, lie)
		switch {
		case want == "" && err != nil, want != "" && (!errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", in, err, want)
		case want != "" && !strings.Contains(err.Error(), "https://example.org/x"):
			t.Errorf("%v does not name the address", err)
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("area,value\nKGZ,1\nTJK\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := extractorstest.Parse(t, reading{read: pairs}, extractorstest.Doc("", "fuzz", b))
		if len(r.Observations)+len(r.Problems) == 0 && bytes.Count(bytes.TrimSpace(b), []byte("\n")) > 1 && !bytes.ContainsAny(b, "\"\r") {
			t.Errorf("nothing is said of %q", b)
		}
	})
}
