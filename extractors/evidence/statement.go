package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"hrinvest/extractors"
	"hrinvest/extractors/plaintext"
)

// statement is one row understood: a disclosure, an observation, or a list of
// what is wrong with it.
type statement struct {
	row      row
	id       string // key; never empty
	partOf   string
	money    *extractors.Disclosure
	value    *extractors.Observation
	problems []message
	raw      []byte
}

func (s *statement) reject(m message) { s.problems = append(s.problems, m) }

// reader turns rows into statements. One per sheet.
type reader struct {
	*form
	sheet    *sheet
	columns  []string // by position: column id, "" for a column that is not of the form
	redactor *plaintext.Redactor
	document string

	// of the row being read
	s     *statement
	get   map[string]cell
	flags []string
}

// rowID begins the key of a row that was given no id: a hash of its content
// follows, so that the key does not change when rows are sorted.
const rowID = "row-"

var (
	indicatorID = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	regionID    = regexp.MustCompile(`^[A-Z][A-Z0-9_]{2,}$`)
	alpha3      = regexp.MustCompile(`^[A-Z]{3}$`)
	alpha2      = regexp.MustCompile(`^[A-Z]{2}$`)
	fourDigits  = regexp.MustCompile(`^(19[89]|20[0-9])[0-9](\.0+)?$`)
	mark        = regexp.MustCompile(`^[a-z0-9_:.-]+$`)
	valueRange  = regexp.MustCompile(`^([0-9][0-9 .,]*?)\s*[-–—]\s*([0-9][0-9 .,]*)$`)
	valueBound  = regexp.MustCompile(`^[<>≤≥~]\s*[0-9]+([.,][0-9]+)?\s*%?$`)
	personal    = regexp.MustCompile(`(?i)mail|phone|contact|address|person|author|телефон|почта|контакт|адрес|фио|автор`)
)

// read understands one row.
func (r *reader) read(in row) *statement {
	r.s = &statement{row: in, problems: slices.Clone(in.faults)}
	r.get, r.flags = map[string]cell{}, nil
	raw := map[string]string{}
	for i, c := range in.cells {
		text := strings.TrimSpace(c.text)
		if text == "" {
			continue
		}
		switch {
		case i >= len(r.columns):
			r.s.reject(say("there is a cell %q beyond the header: is a quotation mark or separator missing?", "есть ячейка %q за пределами заголовка: не пропущены ли кавычки или разделитель?", short(text)))
			continue
		case r.columns[i] == "":
			name := strings.TrimSpace(r.sheet.header[i])
			r.flag("unknown_column:" + strings.ReplaceAll(fold(name), " ", "_"))
			if personal.MatchString(name) {
				continue // whatever it is, the warehouse need not know it
			}
			raw[name], _ = r.redactor.Text(text)
			continue
		}
		id := r.columns[i]
		r.get[id] = cell{text, c.stored}
		if id != "entered_by" {
			clean, cut := r.redactor.Text(text)
			if cut && !strings.HasPrefix(id, "citation_") {
				r.flag("contact_removed")
			}
			raw[id] = clean
		}
	}
	if b, err := json.Marshal(raw); err == nil { // a map of strings always is
		r.s.raw = b
	}
	r.s.id, r.s.partOf = r.text("id"), r.text("part_of")
	if r.s.id == "" {
		sum := sha256.Sum256(r.s.raw)
		r.s.id = rowID + hex.EncodeToString(sum[:8])
		r.flag("no_id")
	}
	if len(in.cells) == 0 {
		return r.s // unreadable as a whole: a list of missing columns would mislead
	}
	r.citation()
	if r.text("indicator") != "" {
		r.observation()
	} else {
		r.disclosure()
	}
	return r.s
}

// text is a cell as plain text without contact details.
func (r *reader) text(id string) string {
	t, _ := r.redactor.Text(r.get[id].text)
	return t
}

func (r *reader) flag(f string) {
	if !slices.Contains(r.flags, f) {
		r.flags = append(r.flags, f)
	}
}

// ru is a column's Russian name as messages use it.
func (r *reader) ru(id string) string { return strings.ToLower(r.column(id).NameRU) }

func (r *reader) need(ids ...string) {
	for _, id := range ids {
		if r.get[id].text == "" {
			r.s.reject(say("%[1]s is missing", "%[2]s: нет значения", id, r.ru(id)))
		}
	}
}

// citation checks what every row must carry so that its figure can be traced.
func (r *reader) citation() {
	r.need("citation_title")
	u := r.get["citation_url"].text
	if u == "" && r.get["citation_archive"].text == "" {
		r.s.reject(say("citation_url or citation_archive is missing", "нет ни адреса источника, ни архива"))
	}
	if u != "" && !isAddress(u) {
		r.s.reject(say("citation_url %q is not a web address", "адрес источника %q не является адресом в интернете", short(u)))
	}
	r.need("page", "quote", "entered_by", "confidence")
	r.date("entered_on")
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(s, " \n\t")
}

// link is the address to cite.
func (r *reader) link() string {
	for _, id := range []string{"citation_url", "citation_archive"} {
		if u := r.get[id].text; isAddress(u) {
			return u
		}
	}
	return ""
}

func (r *reader) disclosure() {
	r.need("kind")
	kind := r.choice("kind")
	r.need("amount")
	amount := r.number("amount")
	r.need("currency")
	for _, id := range []string{"value", "low", "high"} {
		if r.get[id].text != "" {
			r.s.reject(say("%[1]s is filled in without an indicator", "%[2]s: заполнено без показателя", id, r.ru(id)))
		}
	}
	d := &extractors.Disclosure{
		Document: r.document, Locator: r.s.row.locator, URL: r.link(), Key: r.s.id, Title: r.text("activity_title"),
		Kind: extractors.Kind(kind), Amount: amount, Currency: r.currency(),
		Year: r.year(), YearBasis: r.choice("year_basis"), PeriodStart: r.date("period_start"), PeriodEnd: r.date("period_end"),
		Cycle: r.text("cycle"), Population: r.text("population"), Setting: r.text("setting"),
		BudgetHome: r.choice("budget_home"), BudgetStage: r.choice("budget_stage"), CommunityLed: r.choice("community_led"),
		Confidence: r.choice("confidence"), Raw: r.s.raw,
	}
	r.period(d.PeriodStart, d.PeriodEnd)
	if whole, _, _ := strings.Cut(strings.TrimPrefix(d.Amount, "-"), "."); len(whole) > 18 {
		r.s.reject(say("amount %q is too large to be money", "сумма %q слишком велика", short(d.Amount)))
	}
	if d.BudgetHome == "unknown" {
		d.BudgetHome = ""
	}
	for _, t := range []struct {
		id  string
		own bool
	}{{"activity_title", false}, {"quote", true}} {
		if text := r.text(t.id); text != "" {
			d.Texts = append(d.Texts, extractors.Text{Text: text, OfStatement: t.own})
		}
	}
	for _, p := range []extractors.Party{
		{Role: extractors.Funder, Name: r.text("funder"), Type: r.choice("funder_type")},
		{Role: extractors.Channel, Name: r.text("channel")},
		{Role: extractors.Implementing, Name: r.text("implementer")},
	} {
		if p.Name != "" || p.Type != "" {
			d.Parties = append(d.Parties, p)
		}
	}
	d.Places = r.places()
	for _, code := range list(r.get["sector"].text) {
		vocabulary := "other"
		if len(code) == 5 && strings.Trim(code, "0123456789") == "" {
			vocabulary = "dac"
		}
		d.Sectors = append(d.Sectors, extractors.Share{Vocabulary: vocabulary, Code: code})
	}
	if code := r.choice("intervention"); code != "" {
		d.Codes = []extractors.Code{{Scheme: "hrinvest", Code: code}}
	}
	r.marks()
	d.Flags = r.flags
	r.s.money = d
}

func (r *reader) observation() {
	for _, id := range []string{"kind", "amount", "currency", "part_of"} {
		if r.get[id].text != "" {
			r.s.reject(say("%[1]s does not belong in a row with an indicator: use two rows", "%[2]s: не место в строке с показателем, сделайте две строки", id, r.ru(id)))
		}
	}
	o := &extractors.Observation{
		Document: r.document, Locator: r.s.row.locator, URL: r.link(), Indicator: r.get["indicator"].text,
		Subgroup: r.text("subgroup"), Unit: r.text("unit"), Year: r.year(),
		PeriodStart: r.date("period_start"), PeriodEnd: r.date("period_end"),
		Low: r.number("low"), High: r.number("high"),
	}
	r.period(o.PeriodStart, o.PeriodEnd)
	r.choice("year_basis")
	if !indicatorID.MatchString(o.Indicator) {
		r.s.reject(say("indicator %q is not an id such as pwid_size", "показатель %q: нужен номер вида pwid_size", short(o.Indicator)))
	}
	r.value(o)
	places := r.places()
	switch {
	case len(places) == 0:
		r.s.reject(say("country or region is missing", "нет ни страны, ни региона"))
	case len(places) > 1:
		r.s.reject(say("a value belongs to one country or region", "значение относится к одной стране или региону"))
	default:
		o.Area, o.AreaName = area(places[0])
	}
	r.marks()
	notes := []string{r.text("note"), fmt.Sprintf("%s, %s: “%s”", r.text("citation_title"), r.text("page"), r.text("quote"))}
	if basis := r.text("year_basis"); basis != "" {
		notes = append(notes, "year: "+basis)
	}
	if c := r.choice("confidence"); c != "" && c != "high" {
		notes = append(notes, "confidence "+c)
	}
	if len(r.flags) > 0 {
		notes = append(notes, "marks: "+strings.Join(r.flags, " "))
	}
	o.Note = strings.Join(slices.DeleteFunc(notes, func(s string) bool { return s == "" }), "; ")
	r.s.value = o
}

// value reads a number, or what people write where there is none.
func (r *reader) value(o *extractors.Observation) {
	c := r.get["value"]
	text := strings.Join(strings.Fields(c.text), " ")
	status, absent := map[string]string{
		"nk": "unknown", "n/k": "unknown", "not known": "unknown", "unknown": "unknown", "неизвестно": "unknown",
		"nr": "not_reported", "not reported": "not_reported", "нет данных": "not_reported",
		"na": "not_applicable", "n/a": "not_applicable", "not applicable": "not_applicable",
		"x": "reported", "х": "reported", "yes": "reported", "no": "reported", "да": "reported", "нет": "reported",
	}[fold(text)]
	switch bounds := valueRange.FindStringSubmatch(text); {
	case text == "":
		r.need("value")
	case absent:
		o.ValueText, o.Status = text, status
	case valueBound.MatchString(text):
		o.ValueText = text
	case bounds != nil && !c.stored:
		low, err1 := plaintext.Number(bounds[1])
		high, err2 := plaintext.Number(bounds[2])
		if err := errors.Join(err1, err2); err != nil {
			r.s.reject(say("value %q is not a range of two plain numbers", "значение %q: нужны два простых числа через дефис", short(text)))
			return
		}
		o.ValueText = text
		if o.Low == "" && o.High == "" {
			o.Low, o.High = low, high
		}
	default:
		o.Value = r.number("value")
	}
}

// area is a place as observations name it: an alpha-3 code or region id where
// the row has one, else the name.
func area(p extractors.Share) (code, name string) {
	switch {
	case p.Vocabulary == "iso2":
		if region, err := language.ParseRegion(p.Code); err == nil {
			return region.ISO3(), ""
		}
		return "", p.Code
	case p.Code != "":
		return p.Code, ""
	}
	return "", p.Name
}

func (r *reader) places() []extractors.Share {
	var out []extractors.Share
	for _, name := range append(list(r.text("country")), list(r.text("countries"))...) {
		p := extractors.Share{Vocabulary: "name", Name: name}
		switch {
		case alpha3.MatchString(name):
			p = extractors.Share{Vocabulary: "iso3", Code: name}
		case alpha2.MatchString(name):
			p = extractors.Share{Vocabulary: "iso2", Code: name}
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	if name := r.text("region"); name != "" {
		p := extractors.Share{Vocabulary: "region", Name: name}
		if regionID.MatchString(name) {
			p.Code = name
		}
		out = append(out, p)
	}
	return out
}

// list cuts a cell with several entries.
func list(s string) []string {
	var out []string
	for _, e := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' || r == '\n' }) {
		if e = strings.TrimSpace(e); e != "" {
			out = append(out, e)
		}
	}
	return out
}

// choice reads a cell of a column with a closed list, by id or name in either
// language.
func (r *reader) choice(id string) string {
	text := r.get[id].text
	if text == "" {
		return ""
	}
	v, ok := r.ids[id][fold(text)]
	if !ok {
		var en, ru []string
		for _, v := range r.values[id] {
			en, ru = append(en, v.ID), append(ru, v.NameRU)
		}
		m := say("%[1]s %[2]q is not one of %[3]s", "%[4]s: %[2]q нет в списке: %[5]s", id, short(text), strings.Join(en, ", "), r.ru(id), strings.Join(ru, ", "))
		if !slices.Contains(r.s.problems, m) {
			r.s.reject(m)
		}
	}
	return v
}

// number reads a figure as plain decimal text.
func (r *reader) number(id string) string {
	c := r.get[id]
	if c.text == "" {
		return ""
	}
	var plain string
	var err error
	if c.stored {
		var rounded bool
		if plain, rounded, err = plaintext.Stored(c.text); rounded {
			r.flag("stored_digits:" + id)
		}
	} else {
		plain, err = plaintext.Number(c.text)
	}
	var two *plaintext.AmbiguousError
	switch {
	case errors.As(err, &two):
		r.s.reject(say("%[1]s %[2]q can be read in two ways: write %[3]s or %[4]s", "%[5]s: %[2]q читается двояко, напишите %[3]s или %[4]s", id, short(c.text), two.Grouped, two.Decimal, r.ru(id)))
	case err != nil:
		r.s.reject(say("%[1]s %[2]q is not a number", "%[3]s: %[2]q не число", id, short(c.text), r.ru(id)))
	}
	return plain
}

func (r *reader) currency() string {
	text := strings.ToUpper(r.get["currency"].text)
	if text == "" {
		return ""
	}
	if _, err := currency.ParseISO(text); err != nil {
		r.s.reject(say("currency %q is not a code of ISO 4217 such as USD", "валюта %q: нужен код ISO 4217, например USD", short(text)))
		return ""
	}
	return text
}

func (r *reader) year() string {
	text := r.get["year"].text
	if text == "" {
		return ""
	}
	if !fourDigits.MatchString(text) {
		r.s.reject(say("year %q is not one year: for several give period_start and period_end", "год %q не один год: для нескольких укажите начало и конец периода", short(text)))
		return ""
	}
	return text[:4]
}

// date reads 2016-01-31, 31.01.2016 or a workbook's day count.
func (r *reader) date(id string) string {
	c := r.get[id]
	if c.text == "" {
		return ""
	}
	if c.stored {
		if d, ok := serialDate(c.text, r.sheet.epoch); ok {
			return d
		}
	}
	for _, layout := range []string{time.DateOnly, "02.01.2006", "2006-01-02T00:00:00", "2006-01-02T00:00:00Z"} {
		if t, err := time.Parse(layout, c.text); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	r.s.reject(say("%[1]s %[2]q is not a date: write 2016-01-31", "%[3]s: %[2]q не дата, напишите 2016-01-31", id, short(c.text), r.ru(id)))
	return ""
}

// period checks that both ends are there, in order.
func (r *reader) period(start, end string) {
	switch {
	case r.get["period_start"].text != "" && r.get["period_end"].text == "":
		r.need("period_end")
	case r.get["period_end"].text != "" && r.get["period_start"].text == "":
		r.need("period_start")
	case start != "" && end != "" && start > end:
		r.s.reject(say("the period ends (%s) before it starts (%s)", "период кончается (%s) раньше, чем начинается (%s)", end, start))
	}
}

// marks reads the column of flags.
func (r *reader) marks() {
	for _, f := range strings.Fields(strings.NewReplacer(",", " ", ";", " ").Replace(r.get["flags"].text)) {
		if !mark.MatchString(f) {
			r.s.reject(say("flags: %q is not a mark such as series_break", "отметки: %q не отметка вида series_break", short(f)))
			continue
		}
		r.flag(f)
	}
}
