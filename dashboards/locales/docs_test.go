package locales

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func saying(t *testing.T, rows ...[2]string) *Locale {
	t.Helper()
	l, err := parse("ru", []byte("measure: {spent: израсходовано, budget: запланировано}\n"))
	if err != nil {
		t.Fatal(err)
	}
	l.docs = &docs{texts: map[string]string{}}
	for _, r := range rows {
		if err := l.docs.add(r[0], r[1]); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// A text is said whole, or by the pieces that are known; what is not known stays and
// is told apart.
func TestSay(t *testing.T) {
	l := saying(t,
		[2]string{"all of it", "всё"},
		[2]string{"Known.", "Известно."},
		[2]string{"Known. Both together.", "Вместе."},
		[2]string{"people of {n_year}, {prices}", "люди {n_year} г., цены: {prices}"},
		[2]string{"USD of {n_year}", "доллары {n_year} г."},
		[2]string{"money {measures}", "средства: {measures}"},
		[2]string{"by {whom}", "от {whom}"},
	)
	for _, c := range []struct {
		in, want string
		own      bool
	}{
		{"all of it", "всё", true},
		{"All of it", "Всё", true},
		{"2016: 4.5", "2016: 4.5", true},
		{"уже по-русски", "уже по-русски", true},
		{"Known. all of it; Known.", "Известно. всё; Известно.", true},
		{"Known. Both together.", "Вместе.", true},
		{"Known. A name; all of it", "Известно. A name; всё", false},
		{"people of 2013, USD of 2016", "люди 2013 г., цены: доллары 2016 г.", true},
		{"people of 0.60, shells", "люди 0,60 г., цены: shells", true},
		{"money spent budget", "средства: израсходовано, запланировано", true},
		{"by The Publisher of it", "от The Publisher of it", false},
		{"nobody knows", "nobody knows", false},
	} {
		got, own := l.Say(c.in)
		if got = strings.ReplaceAll(got, nbsp, " "); got != c.want || own != c.own {
			t.Errorf("%q: got %q, %v; want %q, %v", c.in, got, own, c.want, c.own)
		}
	}
	want := []Part{{"Известно. ", true}, {"A name; ", false}, {"всё", true}}
	if d := cmp.Diff(want, l.Parts("Known. A name; all of it")); d != "" {
		t.Errorf("parts:\n%s", d)
	}
	en := load(t, "en")
	if got, own := en.Say("As it stands."); got != "As it stands." || !own {
		t.Errorf("English says %q, %v", got, own)
	}
}

func TestDocsRefuse(t *testing.T) {
	for name, rows := range map[string][][2]string{
		"twice":               {{"a", "а"}, {"a", "б"}},
		"empty":               {{"a", " "}},
		"blanks":              {{"a ", "а"}},
		"lost placeholder":    {{"of {n_year}", "года"}},
		"number without name": {{"of {n}", "из {n}"}},
	} {
		d := &docs{texts: map[string]string{}}
		var err error
		for _, r := range rows {
			if err == nil {
				err = d.add(r[0], r[1])
			}
		}
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A language without translations of such texts says them in English, and knows it.
func TestNoDocs(t *testing.T) {
	d, err := loadDocs("xx")
	if err != nil {
		t.Fatal(err)
	}
	l := &Locale{Lang: "ru", docs: d}
	if got, own := l.Say("What it means."); got != "What it means." || own {
		t.Errorf("got %q, %v", got, own)
	}
}

// The words to avoid are not in translations either.
func TestDocsAvoidWords(t *testing.T) {
	for _, lang := range Languages()[1:] {
		for en, text := range load(t, lang).docs.texts {
			if w := harmful.FindString(text); w != "" {
				t.Errorf("%s: %q says %q", lang, en, w)
			}
			if strings.Contains(text, "  ") {
				t.Errorf("%s: %q has two blanks in a row", lang, en)
			}
		}
	}
}

func TestLanguage(t *testing.T) {
	ru, en := load(t, "ru"), load(t, "en")
	for text, want := range map[string][2]string{ // on Russian, on English pages
		"Harm reduction":          {"en", ""},
		"Снижение вреда":          {"", "ru"},
		"Зменшення шкоди: Київ":   {"uk", "uk"},
		"Programme d'échange":     {"und", ""},
		"Фонд (Fund)":             {"", "ru"},
		"A quote: “в 2014 году”,": {"en", ""},
		"1053/11007":              {"", ""},
	} {
		if got := [2]string{ru.Language(text), en.Language(text)}; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
