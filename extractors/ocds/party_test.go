package ocds

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

// A supplier is named only as a legal person by its identifier; a trader who is a
// natural person never is, whatever the notice looks like.
func TestSuppliers(t *testing.T) {
	for _, c := range []struct {
		supplier string
		named    string
	}{
		{`{"name":"ТОВ Ліки","identifier":{"scheme":"UA-EDR","id":"87654321"}}`, "ТОВ Ліки"},
		{`{"name":"БО Зменшення","id":"UA-EDR-87654321"}`, "БО Зменшення"},
		{`{"name":"ФОП Вигаданенко Вигадана Вигаданівна","identifier":{"scheme":"UA-EDR","id":"1234567890"}}`, ""},
		{`{"name":"Вигаданенко Вигадана Вигаданівна","identifier":{"scheme":"UA-EDR","id":"1234567890"}}`, ""},
		{`{"name":"ФОП Вигаданенко Вигадана Вигаданівна","identifier":{"scheme":"UA-EDR","id":"87654321"}}`, ""},
		{`{"name":"Вигаданенко Вигадана Вигаданівна","identifier":{"scheme":"UA-EDR","id":"АА123456"}}`, ""},
		{`{"name":"Вигаданенко Вигадана Вигаданівна"}`, ""},
		{`{"name":"Вигаданенко Вигадана Вигаданівна","identifier":{"scheme":"UA-IPN","id":"12345"}}`, ""},
		{`"Вигаданенко Вигадана Вигаданівна"`, ""},
	} {
		body := packageOf(release(later, tender(methadone), contracts(of("5", `,"suppliers":[`+c.supplier+`]`))))
		r := parse(t, Config{}, body)
		var names []string
		for _, p := range r.Disclosures[0].Parties {
			if p.Role == extractors.Receiver {
				names = append(names, p.Name)
			}
		}
		said := fmt.Sprintf("%+v %s", r.Disclosures, r.Disclosures[0].Raw)
		if got := strings.Join(names, ";"); got != c.named || strings.Contains(said, "Вигадан") || strings.Contains(said, "1234567890") ||
			slices.Contains(r.Disclosures[0].Flags, "supplier_not_named") == (c.named != "") {
			t.Errorf("%s is named %q: %s", c.supplier, got, said)
		}
	}
	moldova := func(id string) string {
		return `{"ocid":"ocds-b3wdp1-MD-7-AC-8","id":"r","date":"2099-01-01T00:00:00Z","parties":[{"id":"MD-IDNO-` + id + `","name":"Firma","identifier":{"scheme":"MD-IDNO","id":"` + id + `"},"roles":["supplier"]}],` +
			`"tender":{"title":"Metadonă"},"awards":[{"id":"a","status":"active","suppliers":[{"id":"MD-IDNO-` + id + `","name":"Firma"}]}],` + contracts(strings.Replace(of("5", ""), `"id":"c1"`, `"id":"c1","awardID":"a"`, 1)) + `}`
	}
	for id, want := range map[string]int{"1003600150509": 2, "2003600150509": 1} { // the payer, and the firm
		if d := parse(t, Config{}, moldova(id)).Disclosures[0]; len(d.Parties) != want || d.Group != "ocds-b3wdp1-MD-7" {
			t.Errorf("%s: %+v of %s", id, d.Parties, d.Group)
		}
	}
}

// What names a person in free text is left out; contact points are never read.
func TestTexts(t *testing.T) {
	item := `{"id":"i1","description":"Метадон, тел. +380 44 123 45 67, a@example.org","additionalClassifications":[{"scheme":"ATC","id":"N07BC02"}],"contactPoint":{"name":"Пані Вигадана"}}`
	body := packageOf(release(later, strings.Replace(strings.Replace(tender(item), "Ліки для лікування залежності", "Метадон від ФОП Вигаданенко", 1), `"procuringEntity":{`, `"procuringEntity":{"contactPoint":{"name":"Пан Вигаданий","email":"b@example.org"},"address":{"streetAddress":"вул. Вигадана, 1"},`, 1), contracts(of("5", `,"title":"Договір з ФОП Вигаданенко"`))))
	d := parse(t, Config{}, body).Disclosures[0]
	said := fmt.Sprintf("%+v %s", d, d.Raw)
	for _, no := range []string{"Вигадан", "example.org", "123 45 67"} {
		if strings.Contains(said, no) {
			t.Errorf("%q is said: %s", no, said)
		}
	}
	if d.Texts[0].Text != "Метадон, тел. [contact removed], [contact removed]" {
		t.Errorf("%q", d.Texts[0].Text)
	}
}

// Whose money it is: the donors a tender names, the public's where none is.
func TestPayers(t *testing.T) {
	donor := `{"name":"Глобальний фонд","identifier":{"scheme":"XM-DAC","id":"47045"}}`
	native := func(more string) string {
		return `{"data":{"tenderID":"` + oat + `","title":"Метадон","procuringEntity":{"name":"Центр","identifier":{"scheme":"UA-EDR","id":"12345678"}},` + more + contracts(of("5", "")) + `}}`
	}
	for name, c := range map[string]struct {
		bodies []string
		want   []extractors.Party
	}{
		"nobody":   {[]string{native("")}, []extractors.Party{public}},
		"donor":    {[]string{native(`"funders":[` + donor + `],`)}, []extractors.Party{{Role: extractors.Funder, Ref: "XM-DAC-47045", Name: "Глобальний фонд"}}},
		"itself":   {[]string{native(`"funders":[{"name":"Центр","identifier":{"scheme":"UA-EDR","id":"12345678"}}],`)}, []extractors.Party{public}},
		"a person": {[]string{native(`"funders":[{"name":"ФОП Вигаданенко","identifier":{"scheme":"UA-EDR","id":"1234567890"}}],`)}, []extractors.Party{{Role: extractors.Funder, Name: "Donor (not named)"}}},
		"budget of MTender": {[]string{
			`{"ocid":"ocds-b3wdp1-MD-7-EV-8","date":"2099-01-01T00:00:00Z","planning":{"budget":{"budgetBreakdown":[{"id":"ocds-b3wdp1-MD-3-FS-4"},{"id":"ocds-b3wdp1-MD-3-FS-5"}]}},"tender":{"title":"Metadonă"},` + contracts(of("5", "")) + `}`,
			`{"releases":[{"ocid":"ocds-b3wdp1-MD-3-FS-4","date":"2098-01-01T00:00:00Z","parties":[{"name":"Global Fund","identifier":{"scheme":"XM-DAC","id":"47045"},"roles":["funder"]}],"planning":{"budget":{"amount":{"amount":1,"currency":"MDL"}}}}]}`,
			`{"releases":[{"ocid":"ocds-b3wdp1-MD-3-FS-5","date":"2098-01-01T00:00:00Z","parties":[{"name":"Spital","roles":["payer"]}],"planning":{"budget":{"amount":{"amount":1,"currency":"MDL"}}}}]}`,
		}, []extractors.Party{{Role: extractors.Funder, Ref: "XM-DAC-47045", Name: "Global Fund"}}},
	} {
		r := parse(t, Config{}, c.bodies...)
		var got []extractors.Party
		for _, p := range r.Disclosures[0].Parties {
			if p.Role == extractors.Funder {
				got = append(got, p)
			}
		}
		if !slices.Equal(got, c.want) || r.Skipped != len(c.bodies)-1 {
			t.Errorf("%s: %+v, %d skipped", name, got, r.Skipped)
		}
	}
}

// A portal that is not known has no country but that of its buyer's register, and
// names no supplier.
func TestUnknownPortal(t *testing.T) {
	body := `{"ocid":"ocds-xxxxxx-1","date":"2099-01-01T00:00:00Z","buyer":{"id":"GE-NAPR-1","name":"Ministry"},"tender":{"title":"methadone"},` + contracts(of("5", `,"suppliers":[{"name":"Pharma","id":"GE-NAPR-2"}]`)) + `}`
	d := parse(t, Config{}, body).Disclosures[0]
	if len(d.Places) != 1 || d.Places[0].Code != "GE" || len(d.Parties) != 2 || d.URL != "" {
		t.Errorf("%+v", d)
	}
}

func TestPersons(t *testing.T) {
	tables, err := newTables()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"ФОП Вигаданенко": true, "Фізична особа-підприємець Вигаданенко": true, "фізичної особи - підприємця": true, "ИП Выдуманов": true, "Î.I. Inventat Ion": true,
		"Întreprinderea individuală X": true, "Individual entrepreneur John Made-Up": true, "Контактна особа: Вигаданенко": true, "Persoana de contact: Inventat": true, "ТОВ ФОПІКС": false, "КНП Лікарня № 2": false, "Лот II": false, "S.R.L. Farm": false, "AO Pozitiv": false,
	} {
		if got := tables.isPerson(name); got != want {
			t.Errorf("%q is a person: %v", name, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(packageOf(release(later, tender(methadone, nalox), contracts(of("5", ""))))))
	f.Add([]byte(`{"data":{"tenderID":"` + oat + `","title":"ВІЛ","awards":[{"id":1,"status":"active"}],"contracts":[{"id":2,"awardID":1,"value":{}}]}}`))
	f.Add([]byte(`{"records":[{"ocid":"a","releases":[{"url":"u"}],"compiledRelease":{"tender":"HIV","parties":[1,{"roles":["funder"]}]}}]}`))
	f.Add([]byte(`{"data":{"contractID":"UA-2099-01-15-000001-a-a1","id":"c"}}`))
	sources := []*Source{New(Config{}), New(Config{ScopeAll: true})}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, src := range sources {
			var r extractorstest.Result
			if err := src.Parse(t.Context(), extractors.Set{extractorstest.Doc(roleNotices, "fuzz", b)}, &r); err != nil {
				t.Fatal(err)
			}
			extractorstest.Check(t, &r, nil)
			for _, d := range r.Disclosures {
				if d.OutOfScope == "" && (d.Amount == "" || d.Currency == "") || d.Kind != extractors.Contract {
					t.Errorf("disclosed %+v", d)
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	var releases []string
	for i := range 500 {
		releases = append(releases, strings.NewReplacer("000001-a", fmt.Sprintf("%06d-a", i)).Replace(release(later, tender(methadone, nalox, aspirin), contracts(of("5", "")))))
	}
	doc := extractorstest.Doc(roleNotices, "package.json", []byte(packageOf(releases...)))
	b.SetBytes(doc.Size)
	rows, src := 0, New(Config{})
	for b.Loop() {
		rows += extractorstest.Parse(b, src, doc).Parsed()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
