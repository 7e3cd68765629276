package phrases

import "testing"

func TestMentions(t *testing.T) {
	l := NewList()
	for _, p := range [][2]string{
		{"stem", "метадон"}, {"word", "зменшення шкоди"}, {"case_word", "ВІЛ"}, {"case_stem", "СНІД"}, {"stem", "metadon"}, {"not", "metadon veterinar"},
	} {
		if err := l.Add(p[0], p[1]); err != nil {
			t.Fatal(err)
		}
	}
	f := l.Finder()
	for text, want := range map[string]bool{
		"Метадону гідрохлорид": true, "ПОСЛУГИ ЗІ ЗМЕНШЕННЯ ШКОДИ": true, "тести на ВІЛ": true, "вільне місце": false, "віл": false, "СНІДу": true, "сніданок": false,
		"Metadonă 10 mg": true, "metadon veterinar": false, "зменшення": false, "": false,
	} {
		if got := f.Mentions(text); got != want {
			t.Errorf("Mentions(%q) = %v", text, got)
		}
	}
	for _, p := range [][2]string{{"noun", "x"}, {"word", " - "}} {
		if l.Add(p[0], p[1]) == nil {
			t.Errorf("Add(%q, %q) is no error", p[0], p[1])
		}
	}
}
