package pipelines

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

// A web page that was saved in the place of data is reported, and replaces nothing.
func TestUnreadableHandOverReplacesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	p := open(t, Config{Offline: true})
	refresh(t, p, RefreshOptions{})
	const flows = "SELECT count(*), sum(amount) FROM flows WHERE source = 'iati'"
	before := one(t, p.cfg.Dir, flows)
	given := t.TempDir()
	write(t, filepath.Join(given, "activities.xml"), "<!DOCTYPE html><html><body>Please sign in</body></html>")
	r := refresh(t, p, RefreshOptions{Only: []string{"iati"}, Documents: given})
	if got := one(t, p.cfg.Dir, flows); got != before || r.Release == "" {
		t.Errorf("flows %s, before %s; release %q", got, before, r.Release)
	}
	if got := one(t, p.cfg.Dir, "SELECT count(*), any_value(locator) FROM rejected WHERE source = 'iati' AND reason LIKE '%HTML page%'"); got != "1 /" {
		t.Errorf("rejected: %s", got)
	}
	write(t, filepath.Join(given, "activities.xml"), `<iati-activities version="2.03"><iati-activity default-currency="USD"><iati-identifier>XX-1</iati-identifier>
		<title><narrative>Needles for people who inject drugs</narrative></title><recipient-country code="KG"/>
		<transaction><transaction-type code="3"/><transaction-date iso-date="2024-05-01"/><value value-date="2024-05-01">100</value></transaction></iati-activity></iati-activities>`)
	var log strings.Builder
	p.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	refresh(t, p, RefreshOptions{Only: []string{"iati"}, Documents: given})
	write(t, filepath.Join(given, "notices.json"), `{"releases":[{"ocid":"ocds-be6bcu-UA-2024-09-09-000004-a","date":"2024-09-09T00:00:00+03:00","tender":{"title":"Paper"}}]}`)
	refresh(t, p, RefreshOptions{Only: []string{"ocds"}, Documents: given}) // all of it is out of scope
	if log.Len() > 0 {
		t.Errorf("a glance at documents that can be read is logged: %s", log.String())
	}
	if got := one(t, p.cfg.Dir, "SELECT count(*), sum(amount), count(DISTINCT origin) FROM flows WHERE source = 'iati'"); got != "1 100.000000 1" {
		t.Errorf("after a file that can be read: %s", got)
	}
}
