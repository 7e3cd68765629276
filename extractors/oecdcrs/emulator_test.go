package oecdcrs

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

const fileHost = "https://webfs-dcd.oecd.org/files/dotStat/DSD_CRS/"

// description is a structure message of OECD: pairs of label and address, and
// the dimensions of the interface.
func description(dims []string, files ...string) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>
<message:Structure xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:structure="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure" xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
<message:Structures><structure:Dataflows><structure:Dataflow id="DSD_CRS@DF_CRS" agencyID="OECD.DCD.FSD" version="1.6" isFinal="true">
<common:Annotations><common:Annotation><common:AnnotationType>LAYOUT_ROW</common:AnnotationType><common:AnnotationTitle>DONOR</common:AnnotationTitle></common:Annotation>
`)
	for i := 0; i < len(files); i += 2 {
		for _, lang := range []string{"fr", "en"} {
			label := files[i]
			if lang == "fr" {
				label = "Fichier " + label
			}
			fmt.Fprintf(&b, `<common:Annotation id="%d"><common:AnnotationType>EXT_RESOURCE</common:AnnotationType><common:AnnotationText xml:lang="%s">%s|%s</common:AnnotationText></common:Annotation>`+"\n", i, lang, label, strings.ReplaceAll(files[i+1], "&", "&amp;"))
		}
	}
	b.WriteString(`</common:Annotations><common:Name xml:lang="en">CRS: Creditor Reporting System (flows)</common:Name></structure:Dataflow></structure:Dataflows>`)
	if dims != nil {
		b.WriteString(`<structure:DataStructures><structure:DataStructure id="DSD_CRS" agencyID="OECD.DCD.FSD" version="1.6"><structure:DataStructureComponents><structure:DimensionList id="DimensionDescriptor">`)
		for i, d := range dims {
			fmt.Fprintf(&b, `<structure:Dimension id="%s" position="%d"><structure:ConceptIdentity><Ref id="%s"/></structure:ConceptIdentity></structure:Dimension>`, d, i+1, d)
		}
		b.WriteString(`<structure:TimeDimension id="TIME_PERIOD" position="12"/></structure:DimensionList></structure:DataStructureComponents></structure:DataStructure></structure:DataStructures>`)
	}
	b.WriteString("</message:Structures></message:Structure>\n")
	return []byte(b.String())
}

// oecd is the service: what it describes, and the files by path.
func oecd(describes []byte, files map[string][]byte) fetchtest.Hosts {
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, ok := files[r.URL.Path]
		switch {
		case strings.Contains(r.URL.Path, "/rest/dataflow/"):
			fetchtest.Body("application/xml", describes).ServeHTTP(w, r)
		case strings.Contains(r.URL.Path, "/rest/data/"):
			if b, ok = files[sectorOf(r.URL)]; !ok {
				http.Error(w, "NoRecordsFound", http.StatusNotFound)
				return
			}
			fetchtest.Body("text/csv", b).ServeHTTP(w, r)
		case ok:
			fetchtest.Body("application/octet-stream", b).ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
	return fetchtest.Hosts{"sdmx.oecd.org": serve, "webfs-dcd.oecd.org": serve}
}

// sectorOf is the third part of the key of a question.
func sectorOf(u *url.URL) string {
	key := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	return strings.Split(key, ".")[2]
}

// labels are files as OECD names them: one whose label is part of another's.
var labels = []string{
	"CRS-Parquet-v20260803", fileHost + "CRS.parquet", "CRS-reduced-parquet-v20260803", fileHost + "CRS-reduced.parquet",
	"CRS 2020 (dotStat format)-v20251222", fileHost + "CRS 2020 data.zip", "CRS 2021 (dotStat format)-v20251222-2", fileHost + "CRS 2021 data.zip",
	"CRS 2004-05 (dotStat format)-v20251222", fileHost + "CRS 2004-05 data.zip",
}

// inScope makes reports of which at least n give two statements.
func inScope(n int, change func(report)) []report {
	out := make([]report, n)
	for i := range out {
		r := nth(i)
		r["PurposeCode"] = []string{"13040", "12330", "16063", "16064"}[i%4]
		r["USD_Commitment"] = fmt.Sprintf("0.%03d", i%900+1)
		if change != nil {
			change(r)
		}
		out[i] = r
	}
	return out
}

// slim are the columns of fixtures that only have to be many.
var slim = only("Year", "DonorCode", "DonorName", "CrsID", "ProjectNumber", "RecipientCode", "RecipientName", "FlowCode", "Bi_Multi",
	"USD_Commitment", "USD_Disbursement", "PurposeCode", "ProjectTitle")

func slimParquet(t testing.TB, reports []report) []byte {
	s := usual()
	s.columns, s.group = slim, 2000
	return parquetFile(t, s, reports...)
}

// more moves a sum by half.
func more(r report) {
	for _, c := range []string{"USD_Commitment", "USD_Disbursement"} {
		r[c] = "1" + r[c]
	}
}

// looksAsExpected: a service in good health is believed, so that the tests with
// fewer rows are about the rows.
func looksAsExpected(t *testing.T, src *Source, hosts fetchtest.Hosts) {
	t.Helper()
	net := fetchtest.New(t, hosts)
	docs, err := net.Fetch(t, net.Client(t, nil), src, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := extractors.Measured(t.Context(), src, docs)
	if err != nil {
		t.Fatal(err)
	}
	e, err := src.Expectations()
	if err != nil {
		t.Fatal(err)
	}
	if wrong := e.Judge(m, nil); len(wrong) > 0 {
		t.Errorf("a service in good health: %v", wrong)
	}
}

// fetched runs Fetch against a service.
func fetched(t *testing.T, src *Source, hosts fetchtest.Hosts, inUse ...fetch.Document) ([]fetch.Document, []string, error) {
	t.Helper()
	net := fetchtest.New(t, hosts)
	docs, err := net.Fetch(t, net.Client(t, nil), src, inUse)
	asked, _ := net.Asked()
	return docs, asked, err
}
