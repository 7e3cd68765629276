package dashboards

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
)

// Every CSV file can be had for Excel with Russian settings: the same cells, numbers
// with a comma, ids as texts.
func TestRussianExcel(t *testing.T) {
	s := site(t)
	for _, path := range []string{"/ru/flows.csv", "/ru/flows.csv?country=KGZ", "/ru/gaps.csv", "/en/sources.csv", "/ru/country/KGZ.csv", "/ru/brief/KGZ.csv", "/en/data/excluded.csv"} {
		sign := "?"
		if strings.Contains(path, "?") {
			sign = "&"
		}
		plain, russian := ask(t, s, path), ask(t, s, path+sign+"excel=ru")
		if russian.Code != 200 || russian.Header().Get("Content-Disposition") != plain.Header().Get("Content-Disposition") {
			t.Errorf("%s: %d %v", path, russian.Code, russian.Header())
			continue
		}
		text, marked := strings.CutPrefix(russian.Body.String(), "\ufeff")
		if !marked || !strings.Contains(text, "\r\n") {
			t.Errorf("%s: no byte order mark or line ends of Windows", path)
		}
		want, err := csv.NewReader(plain.Body).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(strings.NewReader(text))
		r.Comma = ';'
		got, err := r.ReadAll()
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %d rows, want %d, %v", path, len(got), len(want), err)
			continue
		}
		commas := 0
		for i := range want {
			for j, cell := range want[i] {
				back := strings.TrimSuffix(strings.TrimPrefix(got[i][j], `="`), `"`)
				if back != cell && strings.Replace(back, ",", ".", 1) == cell {
					commas++
					back = cell
				}
				if back != cell {
					t.Errorf("%s: %s of row %d is %q, want %q", path, want[0][j], i, got[i][j], cell)
				}
			}
		}
		if commas == 0 && strings.HasPrefix(path, "/ru/") {
			t.Errorf("%s: no decimal comma", path)
		}
	}
	w := ask(t, s, "/ru/flows.csv?country=KGZ&excel=ru")
	rows, err := csvRu(w.Body.String())
	if err != nil {
		t.Fatal(err)
	}
	cell := func(id, name string) string {
		for _, r := range rows {
			if r[0] == id {
				return r[slices.Index(rows[0], name)]
			}
		}
		return ""
	}
	for name, want := range map[string]string{"amount": "500000,5", "funder_id": `="47045"`, "year": "2016"} {
		if got := cell("f2", name); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
	for _, path := range []string{"/ru/flows.csv?excel=de", "/ru/flows.csv?excel=", "/ru/flows.csv?excel=ru&excel=ru", "/ru/flows.csv?excel=ru&contry=KGZ", "/ru/flows?excel=ru", "/ru/flows.json?excel=ru"} {
		if w := ask(t, s, path); w.Code != 400 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	// The file for programs is kept as it was.
	if w := ask(t, s, "/ru/flows.csv"); strings.HasPrefix(w.Body.String(), "\ufeff") {
		t.Error("the file for programs changed")
	}
	if a, b := ask(t, s, "/ru/flows.csv").Header().Get("ETag"), ask(t, s, "/ru/flows.csv?excel=ru").Header().Get("ETag"); a == "" || b == "" {
		t.Errorf("tags %q, %q", a, b)
	}
}

func csvRu(text string) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.Comma = ';'
	return r.ReadAll()
}
