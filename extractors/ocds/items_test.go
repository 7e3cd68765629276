package ocds

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

// priced gives an item a price for a unit.
func priced(item, price string) string {
	return strings.Replace(item, `"quantity"`, `"unit":{"name":"шт","value":{"amount":`+price+`,"currency":"UAH"}},"quantity"`, 1)
}

func of(amount, items string) string {
	return `{"id":"c1","status":"active","value":{"amount":` + amount + `,"currency":"UAH"},"dateSigned":"2099-03-01"` + items + `}`
}

// A contract says what it is for by the codes of all it buys.
func TestCodes(t *testing.T) {
	plain := `{"id":"i9","description":"Метадон таблетки","classification":{"scheme":"CPV","id":"33600000-6"}}`
	other := `{"id":"i8","description":"Вата","classification":{"scheme":"CPV","id":"33141115-9"}}`
	hiv := `{"id":"i7","description":"Препарат","additionalClassifications":[{"scheme":"ATC","id":"J05AR10"}]}`
	pain := `{"id":"i6","description":"Бупренорфін, розчин","additionalClassifications":[{"scheme":"INN","id":"buprenorphine"},{"scheme":"ATC","id":"N02AE01"}]}`
	for name, c := range map[string]struct {
		items []string
		first string // code that decides; "" none of an item or a mixture
	}{
		"one medicine":             {[]string{methadone}, "atc:N07BC02"},
		"two of one service":       {[]string{methadone, bupre}, "atc:N07BC02"},
		"two services":             {[]string{methadone, nalox}, "ocds:" + mixedServices},
		"service and HIV":          {[]string{methadone, hiv}, "ocds:" + mixedHIV},
		"service and another drug": {[]string{methadone, aspirin}, "ocds:" + mixedOther},
		"service and other goods":  {[]string{methadone, other}, "ocds:" + mixedOther},
		"words and other goods":    {[]string{plain, other}, "ocds:" + mixedOther},
		"words":                    {[]string{plain}, "cpv:33600000-6"},
		"words beside a code":      {[]string{plain, methadone}, ""},
		"a painkiller by its ATC":  {[]string{pain}, "atc:N02AE01"},
		"painkiller and service":   {[]string{pain, methadone}, "ocds:" + mixedOther},
	} {
		r := parse(t, Config{}, packageOf(release(later, tender(c.items...), contracts(of("5", "")))))
		if len(r.Disclosures) != 1 {
			t.Errorf("%s: %d statements", name, len(r.Disclosures))
			continue
		}
		first := ""
		if codes := r.Disclosures[0].Codes; len(codes) > 0 {
			first = codes[0].Scheme + ":" + codes[0].Code
		}
		if first != c.first {
			t.Errorf("%s: %q decides, want %q", name, first, c.first)
		}
	}
}

// A title about a service does not make other medicines one.
func TestTitleAgainstGoods(t *testing.T) {
	body := strings.Replace(packageOf(release(later, tender(aspirin), contracts(of("5", "")))), "Ліки для лікування залежності", "Ліки для програми замісної підтримувальної терапії", 1)
	r := parse(t, Config{}, body)
	if len(r.Disclosures) != 1 || r.Disclosures[0].Codes[0].Code != mixedOther {
		t.Errorf("%+v", r)
	}
}

// What each code is for here is what the crosswalk says of it, so that a contract is
// never called one thing that its codes call two.
func TestScopeAgreesWithCrosswalk(t *testing.T) {
	interventions := map[string]string{"oat": "oat", "naloxone": "naloxone", "pain": "none", "treatment": "drug_treatment_other", "hiv": "hiv_other"}
	known := map[string]string{}
	for _, r := range extractorstest.Rows(t, "../../transforms/vocab/crosswalk.csv") {
		known[r[1]+":"+r[2]] = r[3]
	}
	for _, r := range extractorstest.Rows(t, "scope.csv")[1:] {
		if r[2] == "" {
			continue
		}
		if got, ok := known[r[0]+":"+r[1]]; !ok || got != interventions[r[2]] {
			t.Errorf("%s %s is for %s here, %q in the crosswalk", r[0], r[1], r[2], got)
		}
	}
	for _, code := range []string{mixedServices, mixedHIV, mixedOther} {
		if known[schemeMixed+":"+code] == "" {
			t.Errorf("the crosswalk does not know %q", code)
		}
	}
}

// A contract's items that name no medicine are those of the tender with their ids,
// or of its lot.
func TestItemsOfContract(t *testing.T) {
	bare := `,"items":[{"id":"i1","description":"Метадон"}]`
	d := parse(t, Config{}, packageOf(release(later, tender(methadone, aspirin), contracts(of("5", bare))))).Disclosures[0]
	if d.Codes[0].Code != "N07BC02" || d.Texts[0].Text != "Метадон" {
		t.Errorf("%+v", d)
	}
	lots := strings.Replace(tender(strings.Replace(methadone, `"id":`, `"relatedLot":"l1","id":`, 1), strings.Replace(aspirin, `"id":`, `"relatedLot":"l2","id":`, 1)), `"items"`, `"lots":[{"id":"l1","title":"Лот 1"},{"id":"l2","title":"Лот 2"}],"items"`, 1)
	awards := `"awards":[{"id":"a1","lotID":"l1","status":"active"},{"id":"a2","lotID":"l2","status":"active"}]`
	one, two := strings.Replace(of("5", ""), `"id":"c1"`, `"id":"c1","awardID":"a1"`, 1), strings.Replace(of("6", ""), `"id":"c1"`, `"id":"c2","awardID":"a2"`, 1)
	r := parse(t, Config{}, packageOf(release(later, strings.ReplaceAll(lots, "Ліки для лікування залежності", "Ліки"), awards, contracts(one, two))))
	if len(r.Disclosures) != 1 || r.Skipped != 1 || r.Disclosures[0].Amount != "5" || r.Disclosures[0].Codes[0].Code != "N07BC02" {
		t.Errorf("the contract of another lot: %d skipped, %+v", r.Skipped, r.Disclosures)
	}
}

// A contract is split only by values of items that make it up exactly.
func TestSplit(t *testing.T) {
	two := tender(priced(methadone, "12.35"), priced(nalox, "30.1")) // 1000 and 5 of them
	for name, c := range map[string]struct {
		items, amount string
		parts         []string
	}{
		"exact":             {two, "12500.50", []string{"oat 12350", "naloxone 150.5"}},
		"a cent off":        {two, "12500.51", nil},
		"one without price": {tender(priced(methadone, "12.35"), nalox), "12350", nil},
		"another currency":  {strings.ReplaceAll(two, `"value":{"amount":12.35,"currency":"UAH"}`, `"value":{"amount":12.35,"currency":"USD"}`), "12500.50", nil},
		"an exponent":       {tender(priced(methadone, "1e999999999"), priced(nalox, "30.1")), "12500.50", nil},
		"one service":       {tender(priced(methadone, "12.35"), priced(bupre, "15.05")), "12500.50", nil},
		"with other goods":  {tender(priced(methadone, "1"), priced(aspirin, "0.5")), "1010", []string{"oat 1000", "other 10"}},
	} {
		r := parse(t, Config{}, packageOf(release(later, c.items, contracts(of(c.amount, "")))))
		whole, parts := r.Disclosures[0], []string(nil)
		for _, p := range r.Disclosures[1:] {
			if p.PartOf != whole.Key || p.Group != whole.Group || p.Date != whole.Date || !slices.Contains(p.Flags, "item_values") {
				t.Errorf("%s: part %+v", name, p)
			}
			parts = append(parts, strings.TrimPrefix(p.Key, whole.Key+"/")+" "+p.Amount)
		}
		if !slices.Equal(parts, c.parts) || whole.Amount != c.amount {
			t.Errorf("%s: %s in parts %q, want %q", name, whole.Amount, parts, c.parts)
		}
		if want := "exact"; name == want && (r.Disclosures[1].Codes[0].Code != "N07BC02" || r.Disclosures[2].Codes[0].Code != "V03AB15") {
			t.Errorf("codes of the parts: %v, %v", r.Disclosures[1].Codes, r.Disclosures[2].Codes)
		}
	}
}

// Scope: codes, or words of the title, the lots and the goods; never the buyer's name.
func TestScope(t *testing.T) {
	for title, want := range map[string]bool{
		"Послуги зі зменшення шкоди серед людей, які вживають наркотики":       true,
		"Соціальне замовлення: профілактика ВІЛ":                               true,
		"Servicii de prevenire HIV pentru utilizatorii de droguri injectabile": true,
		"Clorhidrat de metadonă":        true,
		"Schimbul de seringi":           true,
		"Шприци ін'єкційні одноразові":  false,
		"Послуги сніданку":              false,
		"Вільне програмне забезпечення": false,
		"Наркозний апарат":              false,
	} {
		body := fmt.Sprintf(`{"ocid":"ocds-b3wdp1-MD-1","id":"r","date":"2099-01-01T00:00:00Z","buyer":{"name":"Dispensarul de Narcologie"},"tender":{"title":%q},%s}`, title, contracts(of("5", "")))
		r := parse(t, Config{}, body)
		if got := len(r.Disclosures) == 1; got != want || r.Parsed() != 1 {
			t.Errorf("%q in scope: %v", title, got)
		}
		if all := parse(t, Config{ScopeAll: true}, body); len(all.Disclosures) != 1 {
			t.Errorf("%q: not disclosed where everything is", title)
		}
	}
}

func TestUseOfCodes(t *testing.T) {
	tables, err := newTables()
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[extractors.Code]string{
		{Scheme: "atc", Code: "n07bc51"}: "oat", {Scheme: "atc", Code: "J05AR"}: "hiv", {Scheme: "atc", Code: "N07B"}: "", {Scheme: "inn", Code: "Methadone hydrochloride"}: "oat",
		{Scheme: "cpv", Code: "33600000-6"}: "", {Scheme: "x", Code: "methadone"}: "",
	} {
		if got := tables.use(code.Scheme, code.Code); got != want {
			t.Errorf("%v is for %q, want %q", code, got, want)
		}
	}
}
