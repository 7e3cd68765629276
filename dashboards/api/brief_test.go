package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"testing"

	"hrinvest/dashboards"
)

// Programs get the numbers of the brief that people get, digit by digit.
func TestBriefIsTheSame(t *testing.T) {
	for _, lang := range []string{"en", "ru"} {
		for _, iso := range []string{"KGZ", "KAZ"} {
			data, rel, done, err := follower(t).Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			b, err := dashboards.NewBrief(t.Context(), data, iso, lang, rel)
			done()
			if err != nil {
				t.Fatal(err)
			}
			var table bytes.Buffer
			if err := b.WriteCSV(&table); err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(&table).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			want := map[string][4]string{}
			for _, r := range rows[1:] {
				want[r[2]] = [4]string{r[4], r[5], r[6], r[7]}
			}
			var got struct {
				Figures []struct {
					ID, Text         string
					Value, Low, High json.Number
				}
			}
			if err := json.Unmarshal(get(server(t), root+"/brief/"+iso+"?lang="+lang).Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Figures) != len(want) || len(want) < 10 {
				t.Errorf("%s %s: %d figures, want %d", iso, lang, len(got.Figures), len(want))
			}
			for _, f := range got.Figures {
				if have := [4]string{f.Value.String(), f.Low.String(), f.High.String(), f.Text}; have != want[f.ID] {
					t.Errorf("%s %s, %s: %v, want %v", iso, lang, f.ID, have, want[f.ID])
				}
			}
		}
	}
}
