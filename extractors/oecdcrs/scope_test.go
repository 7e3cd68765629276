package oecdcrs

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func TestScopeByPurpose(t *testing.T) {
	s := parse(t, textDoc(
		grant("PurposeCode", "13040"), grant("PurposeCode", "16064"), grant("PurposeCode", "12330"), grant("PurposeCode", "16063"),
		grant("PurposeCode", "16040"), grant("PurposeCode", "51010"), grant("PurposeCode", ""),
		grant("PurposeCode", "12220"), grant("PurposeCode", "12299"), grant("PurposeCode", "1304"),
		grant("PurposeCode", "15160", "LongDescription", "Rights of people who use drugs in prisons"),
		grant("PurposeCode", "13040.0"),
	))
	var got []string
	for _, d := range s.Disclosures {
		if d.Kind == extractors.Disbursement {
			got = append(got, d.Sectors[0].Code+" "+strings.Join(d.Flags, " "))
		}
	}
	slices.Sort(got)
	want := []string{
		"12330 in_millions bi_multi:1", "13040 in_millions bi_multi:1", "13040 in_millions bi_multi:1",
		"15160 in_millions bi_multi:1 scope_by_words", "16063 in_millions bi_multi:1", "16064 in_millions bi_multi:1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{skipPurpose: 4, skipWords: 2}, s.reasons); diff != "" {
		t.Error(diff)
	}
}

// A file without titles and descriptions (the reduced one may be such) says so
// for the purposes that are read for words.
func TestNoTexts(t *testing.T) {
	columns := without("ProjectTitle", "ShortDescription", "LongDescription", "DonorName", "RecipientName")
	for role, b := range map[string][]byte{
		roleText:    table(columns, grant(), grant("PurposeCode", "15160")),
		roleParquet: parquetFile(t, func() parquetShape { s := usual(); s.columns = columns; return s }(), grant(), grant("PurposeCode", "15160")),
	} {
		s := parse(t, extractorstest.Doc(role, "CRS-reduced", b))
		if len(s.Disclosures) != 2 || s.reasons[skipNoTexts] != 1 {
			t.Fatalf("%s: %d disclosures, skipped %v", role, len(s.Disclosures), s.reasons)
		}
		d := s.Disclosures[0]
		if d.Parties[0].Name != "Germany" || d.Title != "" || d.Places[0].Code != "614" {
			t.Errorf("%s: %+v", role, d)
		}
	}
}

// Of the texts a file may have some.
func TestTitlesOnly(t *testing.T) {
	columns := without("ShortDescription", "LongDescription")
	in, out := grant("PurposeCode", "15160", "ProjectTitle", "Harm reduction"), grant("PurposeCode", "15160")
	for role, b := range map[string][]byte{
		roleText:    table(columns, in, out),
		roleParquet: parquetFile(t, func() parquetShape { s := usual(); s.columns = columns; return s }(), in, out),
	} {
		s := parse(t, extractorstest.Doc(role, "CRS", b))
		if len(s.Disclosures) != 2 || s.reasons[skipWords] != 1 || s.Disclosures[0].Title != "Harm reduction" {
			t.Errorf("%s: %d disclosures, skipped %v", role, len(s.Disclosures), s.reasons)
		}
	}
}

func TestWords(t *testing.T) {
	tables, err := readTables()
	if err != nil {
		t.Fatal(err)
	}
	f := tables.scope.words.Finder()
	for text, want := range map[string]bool{
		"Harm reduction for people who use drugs":    true,
		"HARM REDUCTION PROGRAMME":                   true,
		"HIV/AIDS awareness":                         true,
		"Awareness of HIV.":                          true,
		"archive of films":                           false, // hiv inside a word
		"AIDS orphans":                               true,
		"NATIONAL AIDS PROGRAMME":                    true,
		"HEARING AIDS FOR CHILDREN":                  false,
		"aids farmers in the delta":                  false,
		"Audio-visual aids":                          false,
		"methadone maintenance":                      true,
		"injection safety":                           false,
		"supply of essential drugs":                  false,
		"drugs and medical devices":                  false,
		"rational drug use in hospitals":             false,
		"rational drug use, and drug use in prisons": true,
		"opioid analgesics for palliative care":      false,
		"needle and syringe programme":               true,
		"overdose of fertiliser":                     false,
		"Contribution de SIDA (Suède)":               false,
		"lutte contre le sida":                       true,
		"LUTTE CONTRE LE VIH":                        true,
		"Réduction des risques de catastrophe":       false,
		"réduction des risques et des dommages":      true,
		"REDUCTION DES RISQUES ET DES DOMMAGES":      true,
		"usagères de drogues":                        true,
		"re\u0301duction des me\u0301faits":          true, // accents apart
		"reducción de daños":                         true,
		"Reduccion de danos":                         true,
		"reducción de daños por desastres":           true, // cannot be told by words alone
		"uso racional de drogas":                     false,
		"Drogenabhängige in Haft":                    true,
		"DROGENKONSUMRAUM":                           true,
		"Drogerie":                                   false,
		"begeleiding bij drugsgebruik":               true,
		"drugstore":                                  false,
		"Снижение вреда и профилактика ВИЧ": true,
		"снижения вреда":                    true,
		"Иванович":                          false,
		"ПЕТРОВИЧ":                          false,
		"центр СПИДа":                       true,
		"наркологический диспансер":         true,
		"":         false,
		"\x1a\x1a": false,
	} {
		if got := f.Mentions(text); got != want {
			t.Errorf("mentions(%q) = %v", text, got)
		}
	}
}
