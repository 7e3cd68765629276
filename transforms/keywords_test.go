package transforms

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func keywords(t testing.TB) *Keywords {
	t.Helper()
	k, err := NewKeywords()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// find returns the terms that stand in the text, negatives taken into account.
func find(k *Keywords, text string) []int {
	var found []int
	for _, h := range k.read(text, new(room)) {
		if h.state != struck && h.state != covered {
			found = append(found, h.term)
		}
	}
	return found
}

func TestDecide(t *testing.T) {
	k := keywords(t)
	for _, c := range []struct{ text, want string }{
		// one service
		{"Needle and syringe programme in Osh", "nsp"},
		{"NEEDLE/SYRINGE EXCHANGE", "nsp"},
		{"Procurement of methadone", "oat"},
		{"Opioid substitution therapy and other medically assisted drug dependence treatment for PWID", "oat"},
		{"OST for people living with HIV", "oat"},
		{"Take-home naloxone", "naloxone"},
		{"Supervised injection site", "dcr"},
		{"HIV testing for people who inject drugs", "hts_pwid"},
		{"ART for PWID", "art_pwid"},
		{"Legal aid for people who use drugs", "legal_aid"},
		{"Condoms for drug users", "condoms_pwid"},
		{"Eurasian Network of People Who Use Drugs (ENPUD) - capacity building", "networks"},
		{"Civil Society Advocacy for Critical Enablers of the HIV Response for People Who Use Drugs | EHRN", "advocacy"},
		{"Eurasian Harm Reduction Network: needle exchange", "nsp"},
		{"Закупка метадона для программы", "oat"},
		{"Программа обмена игл и шприцев", "nsp"},
		{"ПТМ для ЛУИН", "oat"},
		{"Заместительная терапия лицам с ВИЧ", "oat"},
		{"Метадон в наркологических диспансерах", "oat"},
		{"Профилактика передозировок", "naloxone"},
		{"Презервативы для людей, употребляющих инъекционные наркотики", "condoms_pwid"},
		{"Замісна підтримувальна терапія", "oat"},
		{"ЗПТ у м. Києві", "oat"},
		{"Обмін шприців для споживачів ін’єкційних наркотиків", "nsp"},
		{"Programme d'échange d’aiguilles", "nsp"},
		{"Traitement de substitution aux opiacés", "oat"},
		{"Programa de intercambio de jeringuillas", "nsp"},
		{"Farmacoterapie cu metadonă", "oat"},
		{"Schimb de seringi pentru UDI", "nsp"},

		// several, or none named: the widest that is true
		{"Needle exchange and methadone for PWID", "unspecified_pwid"},
		{"Methadone and other harm reduction services", "unspecified_pwid"},
		{"Needle exchange and HIV testing", "unspecified_pwid"},
		{"OAT and NSP", "unspecified_pwid"},
		{"HARM REDUCTION WORKS:FUND IT - World - Multicountry EECA EHRN (01-Apr-2014-31-Dec-2017)", "networks"},
		{"HARM REDUCTION WORKS:FUND IT", "unspecified_pwid"},
		{"Health and rights for People Who Use Drugs in Kyrgyzstan", "unspecified_pwid"},
		{"HIV prevention among people who inject drugs", "unspecified_pwid"},
		{"Снижение вреда в Бишкеке", "unspecified_pwid"},
		{"Профилактика ВИЧ среди ЛУИН", "unspecified_pwid"},
		{"Профилактика BИЧ среди потребителей инъекционных наркотиков", "unspecified_pwid"},
		{"Обмен шприцев и ОЗТ", "unspecified_pwid"},
		{"Зменшення шкоди", "unspecified_pwid"},
		{"Послуги для людей, які вживають наркотики ін'єкційно", "unspecified_pwid"},
		{"Réduction des risques liés au VIH", "unspecified_pwid"},
		{"Reducción de daños", "unspecified_pwid"},
		{"Reducerea riscurilor pentru consumatorii de droguri injectabile", "unspecified_pwid"},

		{"Syringes and needles for drug users and hospitals", "nsp"},
		{"Drug checking and fentanyl test strips", "unspecified_pwid"},
		{"Harm reduction for people who use alcohol and drugs", "unspecified_pwid"},
		{"Needle exchange and harm reduction", "unspecified_pwid"},
		{"Harm reduction for MSM and people who use drugs", "unspecified_pwid"},
		{"Naloxone for people who inject drugs in hospital surgery wards", "naloxone"},
		{"Programul de reducere a riscurilor pentru CDI", "unspecified_pwid"},
		{"Профілактика ВІЛ серед ЛВІН", "unspecified_pwid"},
		{"Troca de seringas", "nsp"},
		{"Spritzentausch in Haftanstalten", "nsp"},
		{"Riduzione del danno", "unspecified_pwid"},

		// one population at once, their partners, where they are
		{"HIV prevention among PWID and their sexual partners", "unspecified_pwid"},
		{"HIV prevention among PWID in prisons", "unspecified_pwid"},
		{"HIV prevention among sex workers who inject drugs", "unspecified_pwid"},
		{"Люди, употребляющие наркотики и живущие с ВИЧ", "unspecified_pwid"},
		{"Services for key populations: PWID", "unspecified_pwid"},
		{"OAT for PWID, MSM and sex workers", "oat"},
		{"Методы работы с секс-работницами, употребляющими наркотики", "unspecified_pwid"},

		// other populations beside them
		{"HIV prevention among PWID and MSM", "hiv_other"},
		{"IDU and MSM", "hiv_other"},
		{"HIV testing and needles for PWID and sex workers", "hiv_other"},
		{"Key populations, including people who inject drugs", "hiv_other"},
		{"ЛУИН, СР и МСМ", "hiv_other"},
		{"ЛВІН, СП та ЧСЧ", "hiv_other"},
		{"HSH, TS et CDI", "hiv_other"},
		{"HSH, TS y PID", "hiv_other"},
		{"PID, LSC și BSB", "hiv_other"},
		{"Rehabilitation of drug users and sex workers", "drug_treatment_other"},

		// HIV, and nothing about drugs
		{"ВИЧем, ВІЛу", "hiv_other"},
		{"Prevenirea SIDA la tineri", "hiv_other"},
		{"Sida: atención integral", "hiv_other"},
		{"HIV NSP, for MSM", "hiv_other"},
		{"Antiretroviral drug users", "hiv_other"},
		{"HIV prevention in schools", "hiv_other"},
		{"HIV/AIDS", "hiv_other"},
		{"AIDS control", "hiv_other"},
		{"HIV NSP 2021-2025", "hiv_other"}, // national strategic plan
		{"Методы борьбы со СПИДом", "hiv_other"},
		{"Центр СПИД", "hiv_other"},
		{"ВИЧ-инфекция", "hiv_other"},
		{"Лікування ВІЛ-інфекції/СНІДу", "hiv_other"},
		{"Lutte contre le sida", "hiv_other"},
		{"Lucha contra el VIH", "hiv_other"},
		{"Key populations", "hiv_other"},
		{"ՄԻԱՎ/ՁԻԱՀ-ի կանխարգելման ծառայություններ", "hiv_other"},

		// treatment and police
		{"Drug treatment centre", "drug_treatment_other"},
		{"Treatment and rehabilitation of drug users", "drug_treatment_other"},
		{"Республиканский наркологический центр", "drug_treatment_other"},
		{"Drug law enforcement", "drug_control"},
		{"NIR535 Assistance in drug law enforcement", "drug_control"},
		{"Борьба с незаконным оборотом наркотиков", "drug_control"},
		{"Боротьба з наркотиками", "drug_control"},
		{"Lutte contre la drogue", "drug_control"},

		// contradictions are not decided
		{"Harm reduction and drug law enforcement", ""},
		{"Harm reduction and drug treatment", ""},

		// hard negatives
		{"", ""},
		{"Иванович Петрович Абрамович", ""},
		{"Иван Петро-вич", ""},
		{"ПЕТРОВИЧ", ""},
		{"СПИДОМЕТР", ""},
		{"спидометр и спид", ""},
		{"незалежність України, вільне місто, Вілкове", ""},
		{"вредители сельского хозяйства, повреждение", ""},
		{"Post office, cost, ghost town, host", ""},
		{"Injection safety: syringes for vaccines", ""},
		{"Safe injections in hospitals", ""},
		{"Injecteur de puissance pour scanner", ""},
		{"Fuel injectors and injection pumps", ""},
		{"Inyector de combustible", ""},
		{"OAT SEED SUPPLY", ""},
		{"NSP 2021-2025", ""},
		{"ПТМ и охрана труда", ""},
		{"ОПТ и розница", ""},
		{"ART GALLERY, STI, TB", ""},
		{"HEARING AIDS for children", ""},
		{"Tobacco harm reduction", ""},
		{"Снижение вреда от табака", ""},
		{"Réduction des risques de catastrophe", ""},
		{"Reducerea riscurilor de dezastre", ""},
		{"Essential drugs supply programme", ""},
		{"Drug-resistant tuberculosis", ""},
		{"Food and Drug Control Authority", ""},
		{"Гормональная заместительная терапия", ""},
		{"Prevent harm. Reduction of costs", ""},
		{"Condoms and legal aid", ""},
		{"Swedish agency SIDA", ""},
		{"Sida support to democracy", ""},
		{"Sida: cooperación sueca para la paz", ""},
		{"ВІЛА та ВІЛКИ", ""},
		{"ЗПТ: залізнична тарифікація", ""},
		{"MMT: multi-modal transport", ""},
		{"IDU 2020-2025, sex workers", ""},
		{"Human rights of sex workers", ""},
		{"Harm reduction for smokers of electronic cigarettes", ""},
		{"Зниження шкоди від алкоголю", ""},
		{"Naloxone for anaesthesia", ""},
		{"Метадон для паллиативной помощи", ""},
		{"Methadone reference standards", ""},
		{"Needles and syringes at vaccination sites", ""},
		{"Seringi și ace pentru spitalul raional", ""},
		{"Interdiction de fumer", ""},
		{"Strategia națională antidrog", ""},
		{"Человек и природа: шприцы", ""},
		{"քննարկում", ""},
		{"agencia exterior, vihar", ""},
	} {
		got, _, rule, ok := k.Decide(c.text)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Decide(%q) = %q (%s), want %q", c.text, got, rule, c.want)
		}
	}
}

func TestDecideSeveralTexts(t *testing.T) {
	k := keywords(t)
	got, population, rule, ok := k.Decide("Methadone", "", "HIV")
	if got != "oat" || population != "pwid" || !ok || !strings.Contains(rule, "en-oat-") || !strings.Contains(rule, "en-hiv-") {
		t.Errorf("got %q %q %q %v", got, population, rule, ok)
	}
	// what a term needs must stand in its own text
	if got, _, _, ok := k.Decide("OAT seed", "HIV"); got != "hiv_other" || !ok {
		t.Errorf("got %q %v", got, ok)
	}
	if got, population, _, _ := k.Decide("HIV prevention among PWID and MSM"); got != "hiv_other" || population != "key_populations" {
		t.Errorf("got %q %q", got, population)
	}
	if got, population, _, _ := k.Decide("HIV services for key populations"); got != "hiv_other" || population != "key_populations" {
		t.Errorf("got %q %q", got, population)
	}
}

func TestMatch(t *testing.T) {
	got := keywords(t).Match("HIV testing, methadone and condoms for people who inject drugs")
	want := []string{"condoms_pwid", "hts_pwid", "oat"}
	if diff := cmp.Diff(want, got.Interventions); diff != "" || !got.HIV || !got.Drugs {
		t.Errorf("%+v\n%s", got, diff)
	}
	if got := keywords(t).Match("Road works"); got.HIV || got.Drugs || got.Interventions != nil || got.Rules != nil {
		t.Errorf("road works: %+v", got)
	}
}

// Every term finds itself, as written, in capitals, composed or decomposed; a
// term with needs does so beside what it needs.
func TestTermsFindThemselves(t *testing.T) {
	k := keywords(t)
	rows, err := vocabRows("keywords.csv", 11)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for i, r := range rows {
		if ids[r[0]] {
			t.Errorf("id %s stands twice", r[0])
		}
		ids[r[0]] = true
		if k.terms[i].mute {
			continue
		}
		if (r[3] == "stem") != strings.Contains(r[2], "*") && r[3] != "acronym" {
			t.Errorf("%s: %q is a %s", r[0], r[2], r[3])
		}
		text := strings.ReplaceAll(r[2], "*", "")
		forms := []string{text, norm.NFC.String(text), norm.NFD.String(text)}
		if r[3] != "acronym" {
			forms = append(forms, strings.ToUpper(text))
		}
		for _, form := range forms {
			if !slices.Contains(find(k, "x "+form+"."), i) {
				t.Errorf("%s does not find itself in %q", r[0], form)
			}
			beside := ". PWID"
			if r[4] == needsLanguage {
				l := slices.IndexFunc(k.tongues, func(l tongue) bool { return l.id == r[1] })
				beside += " " + strings.Join(k.tongues[l].words[:4], " ")
			}
			if !slices.Contains(k.Match(form+beside).Rules, r[0]) {
				t.Errorf("%s does not count in %q", r[0], form+beside)
			}
		}
	}
}

// Terms inside longer words never match: whole tokens only.
func TestWholeTokens(t *testing.T) {
	k := keywords(t)
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(k.terms)-1).Draw(t, "term")
		tm := k.terms[i]
		text := tm.acronym
		if text == "" {
			if len(tm.tokens) != 1 || tm.tokens[0].stem {
				return
			}
			text = tm.tokens[0].text
		}
		before := rapid.StringMatching(`[a-zа-яіґ]{1,4}`).Draw(t, "before")
		if found := find(k, before+text); slices.Contains(found, i) {
			t.Errorf("%s found in %q", tm.id, before+text)
		}
	})
}

func FuzzDecide(f *testing.F) {
	for _, s := range []string{"HIV prevention among PWID", "Снижение вреда: ОЗТ, BИЧ", "d'aiguilles\u0301", "\xff\u0306й", "ін'єкційн", "ﬁ ŀ ß İ ǆ"} {
		f.Add(s)
	}
	k := keywords(f)
	known := map[string]bool{}
	rows, err := vocabRows("interventions.csv", 9)
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range rows {
		known[r[0]] = true
	}
	f.Fuzz(func(t *testing.T, text string) {
		intervention, _, rule, ok := k.Decide(text)
		if ok != known[intervention] || ok != (rule != "") {
			t.Errorf("Decide(%q) = %q, rule %q, %v", text, intervention, rule, ok)
		}
		if again, _, _, _ := k.Decide(" " + text + " "); again != intervention {
			t.Errorf("Decide(%q) = %q, with blanks around %q", text, intervention, again)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	k := keywords(b)
	for name, text := range map[string]string{
		"english": "The programme aims to end the AIDS epidemic among people who use drugs through a strengthened civil society that holds governments to account, increased fulfilment of human rights of key populations, and improved sexual and reproductive health. ",
		"russian": "Программа направлена на прекращение эпидемии среди людей, употребляющих наркотики: укрепление гражданского общества, соблюдение прав человека ключевых групп населения и улучшение сексуального и репродуктивного здоровья. ",
		"other":   "Construction of a rural road of twelve kilometres, with culverts and a bridge, including supervision, resettlement and the training of maintenance crews in three districts of the province. ",
	} {
		long := strings.Repeat(text, 40)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(long)))
			for b.Loop() {
				k.Decide(long)
			}
		})
	}
}
