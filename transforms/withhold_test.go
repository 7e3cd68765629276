package transforms

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
)

// built is what a build with a list of withheld countries gives.
type built struct{ flows, disclosures, observations []string }

// build runs a source through a Normaliser that withholds in Russia.
func build(t *testing.T, info extractors.Info, feed func(extractors.Sink) error) (built, Counts) {
	t.Helper()
	n, err := New(Config{Dir: t.TempDir(), Withheld: map[string]bool{"RUS": true}})
	if err != nil {
		t.Fatal(err)
	}
	sink := n.Source(info, extractors.Set{document})
	if err := feed(sink); err != nil {
		t.Fatal(err)
	}
	counts, err := sink.Close()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := n.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Release()
	columns := func(fields []string) []string { return fields }
	var f, d, o []string
	for _, c := range FlowSchema.Fields() {
		f = append(f, c.Name)
	}
	for _, c := range DisclosureSchema.Fields() {
		d = append(d, c.Name)
	}
	for _, c := range ObservationSchema.Fields() {
		o = append(o, c.Name)
	}
	return built{cells(t, tables.Flows, columns(f)), cells(t, tables.Disclosures, columns(d)), cells(t, tables.Observations, columns(o))}, counts
}

func (b built) all() []string { return slices.Concat(b.flows, b.disclosures, b.observations) }

var (
	typedSheet = extractors.Info{ID: "evidence", Publisher: "Evidence sheet", Kind: extractors.Money, Authority: 5, Typed: true}
	secret     = extractors.Party{Role: extractors.Implementing, Name: "Secretorg"}
	reporting  = extractors.Party{Role: extractors.Reporting, Ref: "RU-SECRET", Name: "Secretorg", Type: "22"}
)

// secretly is a statement that names who must not be named wherever it can.
func secretly(key string, places ...extractors.Share) extractors.Disclosure {
	return extractors.Disclosure{
		Document: "d0", Key: key, Group: key, Locator: key, ActivityID: "SECRETORG-1", Title: "Work of Secretorg", URL: "https://secretorg.example.org",
		Kind: extractors.Expenditure, Amount: "100", Currency: "USD", Year: "2019", Raw: []byte(`{"title":"Work of Secretorg"}`),
		Parties: []extractors.Party{reporting, secret}, Places: places,
	}
}

func in(vocabulary, text, percentage string) extractors.Share {
	s := extractors.Share{Vocabulary: vocabulary, Name: text, Percentage: percentage}
	if vocabulary == "iso2" {
		s.Code, s.Name = text, ""
	}
	return s
}

// However a statement says that it is about a country where naming can harm,
// nothing names who carries it out: neither its rows in other countries, nor the
// publisher and the funder where they are the same organisation.
func TestWithheldWhereverACountryIsNamed(t *testing.T) {
	for name, places := range map[string][]extractors.Share{
		"one country":         {in("iso2", "RU", "")},
		"split":               {in("iso2", "RU", "50"), in("iso2", "KZ", "50")},
		"not split":           {in("iso2", "RU", ""), in("iso2", "KZ", "")},
		"another language":    {in("name", "Russland", "")},
		"a region":            {in("region", "Russia", "")},
		"a region of several": {in("region", "Россия и Казахстан", "")},
		"a title":             nil,
	} {
		t.Run(name, func(t *testing.T) {
			d := secretly("k", places...)
			if places == nil {
				d.Title = "Secretorg in Russia"
			}
			alone := d
			alone.Key, alone.Group, alone.Parties = "alone", "alone", []extractors.Party{reporting}
			got, _ := build(t, iatiInfo, func(s extractors.Sink) error {
				if err := s.Disclose(d); err != nil {
					return err
				}
				return s.Disclose(alone)
			})
			for _, row := range got.all() {
				if strings.Contains(strings.ToLower(row), "secret") {
					t.Errorf("names the implementer: %s", row)
				}
			}
			if len(got.flows) < 2 || !strings.Contains(got.flows[0], "philanthropic") {
				t.Errorf("the type of the funder is gone: %v", got.flows)
			}
		})
	}
}

// A donor that is known, a government and a multilateral organisation stay named.
func TestWithheldKeepsDonors(t *testing.T) {
	for _, p := range []extractors.Party{
		{Role: extractors.Reporting, Ref: "NL-KVK-41207989", Name: "Aidsfonds", Type: "21"},
		{Role: extractors.Reporting, Ref: "FI-3", Name: "Ministry for Foreign Affairs", Type: "10"},
	} {
		d := secretly("k", in("iso2", "RU", ""))
		d.Parties = []extractors.Party{p, secret}
		got, _ := build(t, iatiInfo, func(s extractors.Sink) error { return s.Disclose(d) })
		if row := got.flows[0]; strings.Count(row, p.Name) != 2 || strings.Contains(row, "Secretorg") { // publisher and funder
			t.Error(row)
		}
	}
}

// What others of its activity say of an organisation that is withheld is withheld
// too; the rest of the activity is not.
func TestWithheldWithinAnActivity(t *testing.T) {
	pay := func(key, country, by, to string) extractors.Disclosure {
		d := secretly(key, in("iso2", country, ""))
		d.Group, d.Title, d.Raw, d.URL, d.ActivityID = "a", "HIV services", []byte(`{"receiver":"`+to+`"}`), "", "A-1"
		d.Parties = []extractors.Party{{Role: extractors.Reporting, Ref: "XX-R", Name: by}, {Role: extractors.Receiver, Name: to}}
		return d
	}
	got, _ := build(t, iatiInfo, func(s extractors.Sink) error {
		for _, d := range []extractors.Disclosure{pay("0", "KZ", "Secretorg", "Kazorg"), pay("1", "RU", "Fund", "Secretorg"), pay("2", "KZ", "Fund", "Secretorg"), pay("3", "KZ", "Fund", "Kazorg")} {
			if err := s.Disclose(d); err != nil {
				return err
			}
		}
		return nil
	})
	all := strings.Join(got.all(), "\n")
	if strings.Contains(all, "Secretorg") || !strings.Contains(all, "Kazorg") || !strings.Contains(all, "A-1") {
		t.Error(all)
	}
}

// Consent recorded in a sheet lifts it.
func TestConsentNames(t *testing.T) {
	d := secretly("k", in("iso2", "RU", ""))
	d.Flags = []string{"consent"}
	got, _ := build(t, typedSheet, func(s extractors.Sink) error { return s.Disclose(d) })
	if !strings.Contains(got.flows[0], "Work of Secretorg") {
		t.Error(got.flows[0])
	}
}

// A statement that could not be read is withheld like one that could, by the
// places its source read or by any of its fields; so are the words its reason
// quotes. Others stay, for whoever mends them.
func TestWithheldWhenRejected(t *testing.T) {
	problem := func(raw string, places ...extractors.Share) extractors.Problem {
		return extractors.Problem{Document: "d0", Locator: raw, Reason: `row 3: amount "Secretorg \"x\"" is not a number; page is missing`,
			ReasonRU: `строка 3: сумма: "Secretorg" не число`, Raw: []byte(raw), Places: places}
	}
	for _, p := range []extractors.Problem{
		problem(`{"country":"RUS","implementer":"Secretorg"}`),
		problem(`{"country":"Россия","implementer":"Secretorg"}`),
		problem(`{"countries":"RUS; KGZ","implementer":"Secretorg"}`),
		problem(`{"recipient-country":{"@code":"RU"},"receiver-org":"Secretorg"}`),
		problem(`{"value":"Secretorg"}`, in("iso2", "RU", "")),
	} {
		p.Locator = "row 3"
		got, counts := build(t, typedSheet, func(s extractors.Sink) error { return s.Reject(p) })
		if row := got.disclosures[0]; strings.Contains(row, "Secretorg") || !strings.Contains(row, "page is missing") || !strings.Contains(row, "не число") {
			t.Errorf("%s: %s", p.Raw, row)
		}
		for reason := range counts.Reasons {
			if strings.Contains(reason, "Secretorg") {
				t.Errorf("the report says %s", reason)
			}
		}
	}
	elsewhere := problem(`{"country":"KGZ","@xml:lang":"ru","implementer":"An NGO"}`)
	got, _ := build(t, typedSheet, func(s extractors.Sink) error { return s.Reject(elsewhere) })
	if row := got.disclosures[0]; !strings.Contains(row, "An NGO") || !strings.Contains(row, "amount") {
		t.Error(row)
	}
}

// The note of a value says nothing of an organisation that is withheld anywhere in
// the build, whichever comes first; other notes stay.
func TestWithheldInNotes(t *testing.T) {
	value := func(area, note string, who ...extractors.Party) extractors.Observation {
		return extractors.Observation{Document: "d0", Locator: note, Indicator: "pwid_size", Area: area, Year: "2019", Value: "25000", Note: note, URL: "https://example.org/" + area, Parties: who}
	}
	got, _ := build(t, typedSheet, func(s extractors.Sink) error {
		for _, o := range []extractors.Observation{
			value("RUS", "Report of SECRETORG, 3: “q”"), value("RUS", "A report, 3: “q”"),
			value("RUS", "By Other net", extractors.Party{Role: extractors.Implementing, Name: "Other net"}),
		} {
			o.Locator = "row"
			if err := s.Observe(o); err != nil {
				return err
			}
		}
		return s.Disclose(secretly("k", in("iso2", "RU", "")))
	})
	all := strings.Join(got.observations, "\n")
	if strings.Contains(strings.ToLower(all), "secretorg") || strings.Contains(all, "Other net") || !strings.Contains(all, "A report, 3") || strings.Count(all, "25000") != 3 {
		t.Error(all)
	}
}

// A country that nobody knows rejects a row that a person typed, in both
// languages; it may be one under another name. Machines' codes are flagged.
func TestTypedPlaces(t *testing.T) {
	for _, tt := range []struct {
		place extractors.Share
		want  string
	}{
		{in("name", "Narnia", ""), `country "Narnia" is not known: write its name in English or Russian, or its code such as KGZ | страна "Narnia" не распознана: напишите её название по-английски или по-русски либо код, например KGZ`},
		{in("iso2", "QQ", ""), `country "QQ" is not known: write its name in English or Russian, or its code such as KGZ | страна "QQ" не распознана: напишите её название по-английски или по-русски либо код, например KGZ`},
		{in("region", "Kazakhstan", ""), `region "Kazakhstan" is a country: write it in country | регион "Kazakhstan": это страна, впишите её в столбец страны`},
		{in("region", "Post-Soviet states", ""), ""},
		{in("name", "Russland", ""), ""},
		{in("name", "Eastern Europe and Central Asia", ""), ""},
	} {
		d := secretly("k", tt.place)
		got := normalise(t, Config{}, nil, []string{"outcome", "problem", "problem_ru"}, statementsOf{typedSheet, []extractors.Disclosure{d}})
		want := "loaded | (null) | (null)"
		if tt.want != "" {
			want = "rejected | " + tt.want
		}
		if diff := cmp.Diff([]string{want}, got.disclosures); diff != "" {
			t.Error(diff)
		}
		if got := normalise(t, Config{}, nil, []string{"outcome"}, statementsOf{iatiInfo, []extractors.Disclosure{d}}); got.disclosures[0] != "loaded" {
			t.Errorf("%v: %s", tt.place, got.disclosures)
		}
	}
	n, err := New(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	sink := n.Source(typedSheet, extractors.Set{document})
	for _, o := range []extractors.Observation{{Document: "d0", AreaName: "Narnia", Value: "5"}, {Document: "d0", Area: "NAR", Value: "5"}, {Document: "d0", Area: "LMIC", Value: "5"}, {Document: "d0", AreaName: "Russia", Value: "5"}} {
		if err := sink.Observe(o); err != nil {
			t.Fatal(err)
		}
	}
	if counts, err := sink.Close(); err != nil || counts.Rejected != 2 || counts.Observations != 2 {
		t.Errorf("%d rejected, %d observed, %v", counts.Rejected, counts.Observations, err)
	}
}

// No column of any table holds an address of mail, whoever wrote it there, nor does
// the report.
func TestNoMailAnywhere(t *testing.T) {
	const mail = "maria.ivanova@example.org"
	d := secretly("k", in("iso2", "KZ", ""))
	d.Title, d.ActivityID, d.URL, d.Flags = mail, mail, "https://example.org/?to=maria.ivanova%40example.org", []string{mail}
	d.Raw, d.Parties = []byte(`{"@note":"write to `+mail+`"}`), []extractors.Party{{Role: extractors.Funder, Name: mail}, {Role: extractors.Implementing, Name: mail}}
	bad, out := d, d
	bad.Date, bad.Key, bad.Group = mail, "b", "b"
	out.OutOfScope, out.Key = "by "+mail, "o"
	got, counts := build(t, iatiInfo, func(s extractors.Sink) error {
		for _, d := range []extractors.Disclosure{d, bad, out} {
			if err := s.Disclose(d); err != nil {
				return err
			}
		}
		if err := s.Reject(extractors.Problem{Document: "d0", Locator: "row 1", Reason: "amount " + mail, ReasonRU: "сумма " + mail, Raw: []byte(`{"a":"` + mail + `"}`)}); err != nil {
			return err
		}
		return s.Observe(extractors.Observation{Document: "d0", Indicator: "x", Area: "KAZ", Value: mail, Note: mail, URL: "mailto:" + mail, Unit: mail})
	})
	all := strings.Join(got.all(), "\n")
	for reason := range counts.Reasons {
		all += "\n" + reason
	}
	if strings.Contains(all, "maria") {
		t.Error(all)
	}
	if !strings.Contains(all, "https://example.org/?to=removed") || len(got.disclosures) != 4 {
		t.Error(all)
	}
}
