package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/plaintext"
)

// statement is one row understood: a disclosure, an observation, or a list of
// what is wrong with it.
type statement struct {
	row      row
	id       string // key; never empty
	partOf   string
	line     string // of a state budget, with its country; empty: none
	money    *extractors.Disclosure
	kindRU   string // its kind in Russian
	value    *extractors.Observation
	problems []message
	raw      []byte
	places   []extractors.Share
	carriers []extractors.Party // who carries the work out
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
			if name == "" {
				name = fmt.Sprintf("column %d", i+1)
			}
			r.flag("unknown_column:" + strings.ReplaceAll(fold(name), " ", "_"))
			if personal.MatchString(name) {
				continue // whatever it is, the warehouse need not know it
			}
			raw[name], _ = r.redactor.Text(text)
			continue
		}
		id := r.columns[i]
		r.get[id] = cell{text, c.stored, c.percent}
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
	r.s.places, r.s.carriers = r.places(), r.carriers()
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

// named is the Russian name of an entry of a column with a closed list.
func (r *reader) named(column, id string) string {
	for _, v := range r.values[column] {
		if v.ID == id {
			return v.NameRU
		}
	}
	return id
}

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
	r.s.kindRU = r.named("kind", kind)
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
	if p := (extractors.Party{Role: extractors.Funder, Name: r.text("funder"), Type: r.choice("funder_type")}); p.Name != "" || p.Type != "" {
		d.Parties = append(d.Parties, p)
	}
	d.Parties = append(d.Parties, r.s.carriers...)
	d.Places = r.s.places
	for _, code := range list(r.get["sector"].text) {
		vocabulary := "other"
		if len(code) == 5 && strings.Trim(code, "0123456789") == "" {
			vocabulary = "dac"
		}
		d.Sectors = append(d.Sectors, extractors.Share{Vocabulary: vocabulary, Code: code})
	}
	d.Codes = r.codes()
	if number := r.text("procurement_id"); number != "" {
		d.LinkIDs = []string{number} // as the portal that publishes the contract has it
	}
	if code := r.text("budget_code"); code != "" {
		r.s.line = r.get["country"].text + " " + code
	}
	r.marks()
	d.Flags = r.flags
	r.s.money = d
}

// codes are what the row says the money buys: the intervention its author names,
// else the code its source gives.
func (r *reader) codes() []extractors.Code {
	scheme, code := r.choice("code_list"), r.text("code")
	if (r.get["code_list"].text == "") != (code == "") {
		r.s.reject(say("%[1]s and %[2]s belong together: one of them is missing", "%[3]s и %[4]s: заполните оба", "code_list", "code", r.ru("code_list"), r.ru("code")))
	}
	if intervention := r.choice("intervention"); intervention != "" {
		return []extractors.Code{{Scheme: "hrinvest", Code: intervention}}
	}
	if scheme == "" || code == "" {
		return nil
	}
	return []extractors.Code{{Scheme: scheme, Code: code}}
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
		Low: r.number("low"), High: r.number("high"), Parties: r.s.carriers,
	}
	r.period(o.PeriodStart, o.PeriodEnd)
	r.choice("year_basis")
	if !indicatorID.MatchString(o.Indicator) {
		r.s.reject(say("indicator %q is not an id such as pwid_size", "показатель %q: нужен номер вида pwid_size", short(o.Indicator)))
	}
	r.value(o)
	places := r.s.places
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

// carriers are the organisations the row says carry the work out.
func (r *reader) carriers() (out []extractors.Party) {
	for _, p := range []extractors.Party{
		{Role: extractors.Channel, Name: r.text("channel")},
		{Role: extractors.Implementing, Name: r.text("implementer")},
	} {
		if p.Name != "" {
			out = append(out, p)
		}
	}
	return out
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
