package unrates

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
	"hrinvest/extractors/series/seriestest"
)

// list writes synthetic rates of made-up currencies and the US dollar in the
// shape of the live list, at monthly revisions; every rate is times what it was.
func list(currencies, months, times int) []byte {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<UN_OPERATIONAL_RATES_DATASET>\r\n")
	for c := range currencies {
		code, cents := fmt.Sprintf("Q%c%c", 'A'+c/26, 'A'+c%26), 100*(c+1)
		if c == 0 {
			code, cents = "USD", 100
		}
		for m := range months {
			day := time.Date(2020, time.Month(1+m), 1, 0, 0, 0, 0, time.UTC).Format("2 Jan 2006")
			fmt.Fprintf(&b, "\t<UN_OPERATIONAL_RATES>\r\n\t\t<abbrv_name>Country %d</abbrv_name>\r\n\t\t<name>Money</name>\r\n\t\t<f_curr_code>%s\t</f_curr_code>\r\n"+
				"\t\t<eff_date>%s</eff_date>\r\n\t\t<rate>%d.%02d\t</rate>\r\n\t</UN_OPERATIONAL_RATES>\r\n", c, code, day, times*cents/100, times*cents%100)
		}
	}
	b.WriteString("</UN_OPERATIONAL_RATES_DATASET>\r\n")
	return []byte(b.String())
}

// treasury serves a list. Whether the real one sends an ETag was not tried.
func treasury(body []byte) fetchtest.Hosts {
	mux := http.NewServeMux()
	mux.Handle("/operationalrates/xsql2XML.php", fetchtest.Body("text/xml", body))
	return fetchtest.Hosts{"treasury.un.org": mux}
}

func TestFetching(t *testing.T) {
	extractorstest.Fetching(t, New(), extractorstest.Emulator{
		Hosts: treasury(list(40, 12, 1)),
		Fewer: treasury(list(4, 12, 1)),
		Moved: treasury(list(40, 12, 3)),
	})
}

// A list of the length of a history looks as expected.
func TestGoodList(t *testing.T) {
	if wrong := seriestest.Judge(t, New(), extractorstest.Doc(roleRates, "list.xml", list(160, 24, 1))); len(wrong) > 0 {
		t.Errorf("it does not: %v", wrong)
	}
}

// A list of the current rates alone must not take the place of a history.
func TestCurrentRatesAlone(t *testing.T) {
	if wrong := seriestest.Judge(t, New(), extractorstest.Doc(roleRates, "list.xml", list(160, 1, 1))); len(wrong) == 0 {
		t.Error("nobody would notice")
	}
	if !New().Info().Editions {
		t.Error("a history is retired by the next list")
	}
}

// Well-formed lists that cannot be what they should be.
func TestRefused(t *testing.T) {
	for name, body := range map[string][]byte{
		"a dollar costs three dollars": list(2, 2, 3),
		"no rates":                     []byte("<UN_OPERATIONAL_RATES_DATASET></UN_OPERATIONAL_RATES_DATASET>"),
		"other columns":                []byte("<d><UN_OPERATIONAL_RATES><code>KGS</code></UN_OPERATIONAL_RATES></d>"),
	} {
		t.Run(name, func(t *testing.T) {
			net := fetchtest.New(t, treasury(body))
			docs, err := net.Fetch(t, net.Client(t, nil), New(), nil)
			if !errors.Is(err, fetch.ErrRefused) || len(docs) > 0 {
				t.Errorf("%d documents, %v", len(docs), err)
			}
		})
	}
}

// The beginning of a list is enough for a dry run.
func TestSample(t *testing.T) {
	whole := list(160, 24, 1)
	net := fetchtest.New(t, treasury(whole))
	c := net.Client(t, nil).For(fetch.View{Sample: true})
	kept := 0
	if err := New().Fetch(t.Context(), c, func(d fetch.Document) error { kept++; return nil }); err != nil || kept != 1 {
		t.Errorf("%d documents, %v", kept, err)
	}
	if got := c.Usage().Bytes; got == 0 || got > int64(len(whole)/2) {
		t.Errorf("%d bytes were downloaded", got)
	}
}

func BenchmarkParse(b *testing.B) {
	seriestest.Benchmark(b, New(), extractorstest.Doc(roleRates, "list.xml", list(160, 240, 1)))
}
