package transforms

import (
	"encoding/csv"
	"os"
	"regexp"
	"testing"

	"hrinvest/extractors/extractorstest"
)

func gazetteer(t testing.TB) *Gazetteer {
	t.Helper()
	g, err := NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestCountry(t *testing.T) {
	g := gazetteer(t)
	for _, c := range []struct{ vocabulary, code, name, want string }{
		{"iso2", "KG", "", "KGZ"},
		{"iso2", " kg ", "", "KGZ"},
		{"iso2", "XK", "", "XKX"},
		{"iso2", "UK", "", "GBR"},
		{"iso2", "ZZ", "Ukraine", "UKR"},
		{"iso2", "ZZ", "", ""},
		{"iso3", "XKV", "", "XKX"},
		{"iso3", "ARM", "", "ARM"},
		{"dac", "614", "", "KGZ"},
		{"dac", "298", "", ""},
		{"dac", "57", "", "XKX"},
		{"region", "298", "Georgia", ""},
		{"", "KGZ", "", "KGZ"},
		{"", "KG", "", "KGZ"},
		{"name", "", "Korea (Democratic Peoples Republic)", "PRK"},
		{"name", "", "Korea, Rep.", "KOR"},
		{"name", "", "Lao (Peoples Democratic Republic)", "LAO"},
		{"name", "", "Côte d’Ivoire", "CIV"},
		{"name", "", "Cote d'Ivoire", "CIV"},
		{"name", "", "Congo (Democratic Republic)", "COD"},
		{"name", "", "Congo", "COG"},
		{"name", "", "The former Yugoslav Republic of Macedonia", "MKD"},
		{"name", "", "Republic of Moldova", "MDA"},
		{"name", "", "Moldova (the Republic of)", "MDA"},
		{"name", "", "Türkiye", "TUR"},
		{"name", "", "Turkiye", "TUR"},
		{"name", "", "RUSSIAN FEDERATION (THE)", "RUS"},
		{"name", "", "St. Vincent and the Grena", "VCT"},
		{"name", "", "Киргизия", "KGZ"},
		{"name", "", "Республика Молдова", "MDA"},
		{"name", "", "Kyrgyz Republic", "KGZ"},
		{"name", "Kyrgyzstan", "", "KGZ"},
		{"name", "", "Niger", "NER"},
		{"name", "", "Nigeria", "NGA"},
		{"name", "", "Dominica", "DMA"},
		{"name", "", "Dominican Republic", "DOM"},
		{"name", "", "Republic", ""},
		{"name", "", "", ""},
		{"name", "", "Europe", ""},
	} {
		got, ok := g.Country(c.vocabulary, c.code, c.name)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Country(%q, %q, %q) = %q, %v, want %q", c.vocabulary, c.code, c.name, got, ok, c.want)
		}
	}
}

func TestRegion(t *testing.T) {
	g := gazetteer(t)
	for _, c := range []struct{ code, name, want string }{
		{"998", "", "DEVELOPING"},
		{"298", "anything", "AFRICA"},
		{"10009", "", "SOUTH_CENTRAL_ASIA"},
		{"", "UNAIDS Region - Eastern Europe and Central Asia", "EECA_UNAIDS"},
		{"", "Eastern Europe & Central Asia", "EECA"},
		{"MCEHRN", "", "EECA_GF"},
		{"", "Multicountry HIV EECA APH", "EECA_GF"},
		{"EECA_EHRA", "", "EECA_EHRA"},
		{"", "Middle East & North Africa", "MENA"},
		{"12345", "Atlantis", ""},
		{"", "", ""},
	} {
		got, ok := g.Region(c.code, c.name)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Region(%q, %q) = %q, %v, want %q", c.code, c.name, got, ok, c.want)
		}
	}
}

func TestCountriesVocabulary(t *testing.T) {
	g := gazetteer(t)
	all := g.Countries()
	if len(all) != 250 { // 249 of ISO 3166-1 and Kosovo
		t.Errorf("%d countries, want 250", len(all))
	}
	for _, c := range all {
		if !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(c.ISO3) || !regexp.MustCompile(`^[A-Z]{2}$`).MatchString(c.ISO2) ||
			!regexp.MustCompile(`^\d*$`).MatchString(c.DAC) || c.NameEN == "" || c.NameRU == "" {
			t.Errorf("incomplete row %+v", c)
		}
		if (c.NameRUIn == "") != (c.NameRUOf == "") || c.NameRUIn != "" && !regexp.MustCompile(`^(в|во|на) `).MatchString(c.NameRUIn) {
			t.Errorf("%s: %q, %q", c.ISO3, c.NameRUIn, c.NameRUOf)
		}
	}
	for _, want := range []string{
		"ALB", "ARM", "AZE", "BLR", "BIH", "GEO", "KAZ", "KGZ", "MDA", "MNE", "MKD", "RUS", "SRB", "TJK", "TKM", "UKR", "UZB", "XKX",
		"BGR", "ROU", "EST", "LVA", "LTU", "POL", "CZE", "HUN", "TUR", "MNG", "ISR",
	} {
		if g.countries[want].NameRUIn == "" {
			t.Errorf("%s has no Russian cases", want)
		}
	}
	if got := g.Name("KGZ", "ru"); got != "Кыргызстан" {
		t.Errorf("Name(KGZ, ru) = %q", got)
	}
	if got := g.Name("EECA_UNAIDS", "en"); got != "Eastern Europe and Central Asia (UNAIDS)" {
		t.Errorf("Name(EECA_UNAIDS, en) = %q", got)
	}
	if got := g.Name("QQQ", "ru"); got != "QQQ" {
		t.Errorf("Name(QQQ, ru) = %q", got)
	}
}

// Every code of the lists publishers use is known: as a country or as a region.
func TestPlacesOfCodelists(t *testing.T) {
	g := gazetteer(t)
	withdrawn := map[string]bool{"AN": true, "NT": true, "CS": true, "YU": true} // states that are no more
	for _, r := range rowsOf(t, extractorstest.Corpus(t, "iati", "codelists", "Country.csv")) {
		if _, ok := g.Country("iso2", r[0], ""); !ok && !withdrawn[r[0]] {
			t.Errorf("IATI country %s (%s) is not known", r[0], r[1])
		}
		if _, ok := g.Country("name", "", r[1]); !ok && r[2] == "active" {
			t.Errorf("IATI country name %s is not known", r[1])
		}
	}
	for _, r := range rowsOf(t, extractorstest.Corpus(t, "iati", "codelists", "Region.csv")) {
		id, ok := g.Region(r[0], "")
		if !ok {
			t.Errorf("IATI region %s (%s) is not known", r[0], r[1])
		}
		if byName, _ := g.Region("", r[1]); byName != id {
			t.Errorf("IATI region %s: %q by code, %q by name %q", r[0], id, byName, r[1])
		}
	}
	for _, r := range rowsOf(t, extractorstest.Corpus(t, "oecd", "dac_recipients.csv")) {
		_, country := g.Country("dac", r[0], r[1])
		if _, region := g.Region(r[0], ""); !country && !region {
			t.Errorf("DAC recipient %s (%s) is not known", r[0], r[1])
		}
	}
}

func rowsOf(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func BenchmarkCountryByName(b *testing.B) {
	g := gazetteer(b)
	for b.Loop() {
		g.Country("name", "", "Korea (Democratic Peoples Republic)")
	}
}

func FuzzCountry(f *testing.F) {
	f.Add("iso2", "KG", "")
	f.Add("name", "", "Côte d'Ivoire")
	f.Add("", "\xff", "ѐ\u0306")
	g := gazetteer(f)
	f.Fuzz(func(t *testing.T, vocabulary, code, name string) {
		iso3, ok := g.Country(vocabulary, code, name)
		if _, known := g.countries[iso3]; ok != known {
			t.Errorf("Country(%q, %q, %q) = %q, %v", vocabulary, code, name, iso3, ok)
		}
	})
}
