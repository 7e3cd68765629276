package oecdcrs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

const (
	reducedPath = "/files/dotStat/DSD_CRS/CRS-reduced.parquet"
	fullPath    = "/files/dotStat/DSD_CRS/CRS.parquet"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New(Config{})) }

func TestFetchingParquet(t *testing.T) {
	serve := func(reports []report) fetchtest.Hosts {
		return oecd(description(nil, labels...), map[string][]byte{reducedPath: slimParquet(t, reports)})
	}
	looksAsExpected(t, New(Config{}), serve(inScope(5200, nil)))
	extractorstest.Fetching(t, New(Config{}), extractorstest.Emulator{
		Hosts: serve(inScope(5200, nil)), Fewer: serve(inScope(500, nil)), Moved: serve(inScope(5200, more)), Probes: []string{"DSD_CRS@DF_CRS/latest"},
	})
}

func TestFetchingYears(t *testing.T) {
	serve := func(n int, change func(report)) fetchtest.Hosts {
		files := map[string][]byte{}
		for _, year := range []string{"2020", "2021"} {
			reports := inScope(n, change)
			for _, r := range reports {
				r["Year"] = year
			}
			files["/files/dotStat/DSD_CRS/CRS "+year+" data.zip"] = archive(t, "CRS "+year+" data.txt", table(header, reports...))
		}
		return oecd(description(nil, labels...), files)
	}
	src := New(Config{Route: RouteYears, FirstYear: 2020})
	looksAsExpected(t, src, serve(400, nil))
	extractorstest.Fetching(t, src, extractorstest.Emulator{
		Hosts: serve(400, nil), Fewer: serve(40, nil), Moved: serve(400, more), Probes: []string{"DSD_CRS@DF_CRS/latest"},
	})
}

func TestFetchingSDMX(t *testing.T) {
	tables, err := readTables()
	if err != nil {
		t.Fatal(err)
	}
	serve := func(n int, factor string) fetchtest.Hosts {
		files := map[string][]byte{}
		for _, purpose := range tables.scope.asked {
			var rows []report
			for i := range n {
				rows = append(rows, answer("SECTOR", purpose, "MD_ID", fmt.Sprint(20000000+i), "OBS_VALUE", fmt.Sprintf("%s0.%03d", factor, i+1),
					"PROJECT_TITLE", fmt.Sprintf("Invented HIV activity %d", i), "FLOW_TYPE", []string{"C", "D"}[i%2]))
			}
			files[purpose] = answers(rows...)
		}
		return oecd(description(dimensions, labels...), files)
	}
	src := New(Config{Route: RouteSDMX})
	looksAsExpected(t, src, serve(20, ""))
	extractorstest.Fetching(t, src, extractorstest.Emulator{
		Hosts: serve(20, ""), Fewer: serve(2, ""), Moved: serve(20, "1"), Probes: []string{"DSD_CRS@DF_CRS/latest"},
	})
}

// The stamp of the label is the version of the document: a new one is asked for.
func TestStamp(t *testing.T) {
	body := slimParquet(t, inScope(10, nil))
	docs, _, err := fetched(t, New(Config{}), oecd(description(nil, labels...), map[string][]byte{reducedPath: body}))
	if err != nil || len(docs) != 1 || docs[0].Version != "20260803" || docs[0].Role != roleParquet {
		t.Fatalf("docs = %+v, %v", docs, err)
	}
	relabelled := slices.Clone(labels)
	relabelled[2] = "CRS-reduced-parquet-v20260803-2"
	newBody := slimParquet(t, inScope(20, nil))
	again, asked, err := fetched(t, New(Config{}), oecd(description(nil, relabelled...), map[string][]byte{reducedPath: newBody}), docs...)
	if err != nil || again[0].Version != "20260803-2" || again[0].SHA256 == docs[0].SHA256 || len(asked) != 2 {
		t.Errorf("after a correction of the same day: %+v, asked %q, %v", again, asked, err)
	}
}

// "CRS-Parquet" is another file than "CRS-reduced-parquet", and the text of
// another language is none.
func TestLabelIsExact(t *testing.T) {
	body := slimParquet(t, inScope(10, nil))
	files := map[string][]byte{reducedPath: body, fullPath: body}
	for route, want := range map[string]string{RouteParquet: fileHost + "CRS-reduced.parquet", RouteFull: fileHost + "CRS.parquet"} {
		docs, _, err := fetched(t, New(Config{Route: route}), oecd(description(nil, labels...), files))
		if err != nil || len(docs) != 1 || docs[0].URL != want {
			t.Errorf("%s: %+v, %v", route, docs, err)
		}
	}
	_, _, err := fetched(t, New(Config{}), oecd(description(nil, "CRS-reduced-parquet-old-v20260803", fileHost+"CRS-reduced.parquet"), files))
	if !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), `"CRS-reduced-parquet", only: CRS-reduced-parquet-old`) {
		t.Errorf("err = %v", err)
	}
	if _, _, err := fetched(t, New(Config{Route: "bulk"}), oecd(nil, nil)); err == nil {
		t.Error("a route that is none, and no error")
	}
}

// What OECD's description leads to is only asked of OECD.
func TestAddressElsewhere(t *testing.T) {
	for _, to := range []string{"http://webfs-dcd.oecd.org/x.parquet", "https://oecd.org.example/x.parquet", "https://evil.example/x.parquet", "https://a@webfs-dcd.oecd.org/x", "file:///etc/passwd", "https://exampleoecd.org/x"} {
		_, asked, err := fetched(t, New(Config{}), oecd(description(nil, "CRS-reduced-parquet-v20260803", to), nil))
		if !errors.Is(err, fetch.ErrRefused) || len(asked) != 1 {
			t.Errorf("%s: asked %q, %v", to, asked, err)
		}
	}
}

// OECD's host may not let programs in: nothing is tried around it, and what is in
// use stays.
func TestBlocked(t *testing.T) {
	body := slimParquet(t, inScope(10, nil))
	docs, _, err := fetched(t, New(Config{}), oecd(description(nil, labels...), map[string][]byte{reducedPath: body}))
	if err != nil {
		t.Fatal(err)
	}
	hosts := oecd(description(nil, "CRS-reduced-parquet-v20270101", fileHost+"CRS-reduced.parquet"), nil)
	hosts["webfs-dcd.oecd.org"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cf-Mitigated", "challenge")
		http.Error(w, "<html>Just a moment...</html>", http.StatusForbidden)
	})
	after, _, err := fetched(t, New(Config{}), hosts, docs...)
	if !errors.Is(err, fetch.ErrBlocked) || len(after) != 1 || after[0].SHA256 != docs[0].SHA256 {
		t.Errorf("err = %v, in use %+v", err, after)
	}
}

// Documents that would be rejected whole are refused, so that the last good one
// stays in use.
func TestFetchLooks(t *testing.T) {
	s := usual()
	s.columns = without("PurposeCode")
	for name, body := range map[string][]byte{
		"no purpose":  parquetFile(t, s, grant()),
		"no rows":     parquetFile(t, usual()),
		"not Parquet": append([]byte("PAR1 and then something else "), "PAR1"...),
	} {
		_, _, err := fetched(t, New(Config{}), oecd(description(nil, labels...), map[string][]byte{reducedPath: body}))
		if !errors.Is(err, fetch.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, body := range map[string][]byte{
		"Deflate64": packedBy(t, "CRS 2021 data.txt", 9, table(header, grant())), "no table": archive(t, "readme.pdf", []byte("x")),
		"no columns": archive(t, "CRS 2021 data.txt", []byte("a|b\n1|2\n")), "empty": archive(t, "CRS 2021 data.txt", nil),
	} {
		hosts := oecd(description(nil, "CRS 2021 (dotStat format)", fileHost+"CRS 2021 data.zip"), map[string][]byte{"/files/dotStat/DSD_CRS/CRS 2021 data.zip": body})
		_, _, err := fetched(t, New(Config{Route: RouteYears, FirstYear: 2021}), hosts)
		if !errors.Is(err, fetch.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No year is missing without a word, and blanks in addresses are %20.
func TestYears(t *testing.T) {
	zip := func(year string) []byte {
		return archive(t, "CRS "+year+" data.txt", table(header, grant("Year", year)))
	}
	files := map[string][]byte{}
	for _, y := range []string{"2004-05", "2020", "2021"} {
		files["/files/dotStat/DSD_CRS/CRS "+y+" data.zip"] = zip(y[:4])
	}
	docs, asked, err := fetched(t, New(Config{Route: RouteYears, FirstYear: 2020}), oecd(description(nil, labels...), files))
	if err != nil || len(docs) != 2 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	if docs[0].URL != fileHost+"CRS%202020%20data.zip" || docs[1].Version != "20251222-2" {
		t.Errorf("documents %+v, asked %q", docs, asked)
	}
	if _, _, err = fetched(t, New(Config{Route: RouteYears, FirstYear: 2005}), oecd(description(nil, labels...), files)); !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), "no file for 2006") {
		t.Errorf("years are missing: %v", err)
	}
	if _, _, err = fetched(t, New(Config{Route: RouteYears, FirstYear: 2030}), oecd(description(nil, labels...), files)); !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("no year: %v", err)
	}
	// 2021 was there, and is no longer
	after, _, err := fetched(t, New(Config{Route: RouteYears, FirstYear: 2020}), oecd(description(nil, labels[4:6]...), files), docs...)
	if !errors.Is(err, fetch.ErrRefused) || len(after) != 2 {
		t.Errorf("a year is gone: %v, %d documents in use", err, len(after))
	}
}

// The interface is asked in an order of dimensions that must be the expected one.
func TestDimensions(t *testing.T) {
	added := slices.Insert(slices.Clone(dimensions), 2, "NEW")
	swapped := slices.Clone(dimensions)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	for name, dims := range map[string][]string{"added": added, "swapped": swapped, "none": nil, "fewer": dimensions[:10]} {
		_, asked, err := fetched(t, New(Config{Route: RouteSDMX}), oecd(description(dims, labels...), nil))
		if !errors.Is(err, fetch.ErrRefused) || len(asked) != 1 {
			t.Errorf("%s: asked %q, %v", name, asked, err)
		}
	}
}

// Questions for activities: current prices, both flow types, no channel or
// modality fixed.
func TestQuestions(t *testing.T) {
	net := fetchtest.New(t, oecd(description(dimensions, labels...), map[string][]byte{"13040": answers(answer())}))
	docs, err := net.Fetch(t, net.Client(t, nil), New(Config{Route: RouteSDMX, FirstYear: 2015}), nil)
	if !errors.Is(err, fetch.ErrNotFound) {
		t.Errorf("questions without records: %v", err)
	}
	if len(docs) != 1 || docs[0].Version != "1.6 20260803" || docs[0].Role != roleSDMX {
		t.Fatalf("documents %+v", docs)
	}
	want := "https://sdmx.oecd.org/dcd-public/rest/data/OECD.DCD.FSD,DSD_CRS@DF_CRS,/..13040....C+D.V.DD..?startPeriod=2015&format=csvfilewithlabels"
	if docs[0].URL != want {
		t.Errorf("asked %s", docs[0].URL)
	}
	asked, _ := net.Asked()
	if len(asked) > 60 {
		t.Errorf("%d questions; OECD allows 60 an hour", len(asked))
	}
	key := strings.Split(strings.SplitN(strings.SplitN(want, ",/", 2)[1], "?", 2)[0], ".")
	if len(key) != len(dimensions) || key[slices.Index(dimensions, "MD_DIM")] != "DD" || key[slices.Index(dimensions, "PRICE_BASE")] != "V" ||
		key[slices.Index(dimensions, "FLOW_TYPE")] != "C+D" || key[slices.Index(dimensions, "SECTOR")] != "13040" {
		t.Errorf("key %q", key)
	}
}

// Messages with status 200 are no data.
func TestMessagesWithStatus200(t *testing.T) {
	cut := answers(answer(), answer("LONG_DESCRIPTION", `with "marks", and commas`))
	for _, body := range []string{
		"NoRecordsFound", "NoResultsFound\n", "Could not find Dataflow and/or DSD related with this data request", "NoRecordsFound\nline\n",
		"a,b\n1,2\n", string(cut[:len(cut)-40]), strings.Join(sdmxHeader, ",") + "\n",
	} {
		hosts := oecd(description(dimensions, labels...), nil)
		hosts["sdmx.oecd.org"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/rest/data/") {
				fmt.Fprint(w, body)
				return
			}
			hosts["webfs-dcd.oecd.org"].ServeHTTP(w, r)
		})
		docs, _, err := fetched(t, New(Config{Route: RouteSDMX}), hosts)
		if !errors.Is(err, fetch.ErrRefused) || len(docs) > 0 {
			t.Errorf("%.60q: %d documents, %v", body, len(docs), err)
		}
	}
}

// An answer of exactly a million rows was cut.
func TestCutAtAMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("reads two million rows")
	}
	columns := "DONOR,RECIPIENT,SECTOR,MEASURE,FLOW_TYPE,PRICE_BASE,MD_ID,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT,OECD_ID,BIMULTI_CODE\n"
	line := []byte("DEU,KGZ,16040,11,D,V,1,USD,2021,1,6,2,1\n")
	tables, err := readTables()
	if err != nil {
		t.Fatal(err)
	}
	g := &getter{Source: New(Config{}), ctx: t.Context(), tables: tables}
	for rows, refused := range map[int]bool{rowLimit: true, rowLimit - 1: false} {
		d := fetch.Document{Role: roleSDMX, OpenFunc: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(columns), bytes.NewReader(bytes.Repeat(line, rows)))), nil
		}}
		if err := g.look(d); errors.Is(err, fetch.ErrRefused) != refused {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

// A dry run takes the beginning of one document and stops when it is told.
func TestSample(t *testing.T) {
	enough := errors.New("enough")
	for route, hosts := range map[string]fetchtest.Hosts{
		RouteParquet: oecd(description(nil, labels...), map[string][]byte{reducedPath: slimParquet(t, inScope(9000, nil))}),
		RouteYears: oecd(description(nil, labels...), map[string][]byte{
			"/files/dotStat/DSD_CRS/CRS 2020 data.zip": archive(t, "CRS 2020 data.txt", table(header, many(5000)...)),
		}),
		RouteSDMX: oecd(description(dimensions, labels...), map[string][]byte{"13040": answers(answer())}),
	} {
		net := fetchtest.New(t, hosts)
		c := net.Client(t, nil).For(fetch.View{Sample: true})
		n := 0
		err := New(Config{Route: route, FirstYear: 2020}).Fetch(t.Context(), c, func(d fetch.Document) error {
			n++
			if d.Size > 64<<10 || d.Role == "" {
				t.Errorf("%s: a sample of %d bytes in the role %q", route, d.Size, d.Role)
			}
			return enough
		})
		if !errors.Is(err, enough) || n != 1 {
			t.Errorf("%s: %d documents, %v", route, n, err)
		}
	}
}

func FuzzDataflow(f *testing.F) {
	f.Add(description(dimensions, labels...))
	f.Add(description(nil))
	f.Add([]byte(`<a><Annotation><AnnotationType>EXT_RESOURCE</AnnotationType><AnnotationText>|</AnnotationText></Annotation></a>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := readDataflow(bytes.NewReader(b))
		if err != nil {
			return
		}
		for label, file := range d.files {
			if stamp.MatchString(label) && file.stamp == "" {
				t.Errorf("label %q keeps its stamp", label)
			}
			if to, err := address(file.url); err == nil && !strings.HasPrefix(to, "https://") {
				t.Errorf("address %q", to)
			}
		}
		d.years(2000)
	})
}
