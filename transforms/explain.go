package transforms

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hrinvest/extractors"
)

// Classifier answers what a text or a code pays for, and explains itself. It
// answers as stepIntervention does, by the same rules.
type Classifier struct {
	keywords  *Keywords
	crosswalk *Crosswalk
	languages []tongue
}

// NewClassifier reads the vocabularies.
func NewClassifier() (*Classifier, error) {
	k, err := NewKeywords()
	if err != nil {
		return nil, err
	}
	x, err := NewCrosswalk()
	if err != nil {
		return nil, err
	}
	l, err := newTongues()
	if err != nil {
		return nil, err
	}
	return &Classifier{k, x, l}, nil
}

// Explanation is an answer and how it came about.
type Explanation struct {
	Text     string `json:"text"`
	Language string `json:"language,omitempty"` // "" unknown
	// Intervention is "none" where nothing of ours is paid for, or where the
	// words contradict themselves: see Reason.
	Intervention string `json:"intervention"`
	Population   string `json:"population,omitempty"`
	Method       string `json:"method"`
	Rule         string `json:"rule,omitempty"`
	Confidence   string `json:"confidence"`
	Reason       string `json:"reason"`
	// Shares of harm reduction: by core-3, hri and broad. "" is unknown.
	ShareLow  string `json:"share_low,omitempty"`
	Share     string `json:"share,omitempty"`
	ShareHigh string `json:"share_high,omitempty"`
	Words     []Word `json:"words"`
}

// Word is a term found in a text, or the row of the crosswalk that a code found.
type Word struct {
	Found   string `json:"found"` // as it stands in the text
	From    int    `json:"from"`  // first character, counted from 1
	To      int    `json:"to"`    // last character
	Counts  bool   `json:"counts"`
	Because string `json:"because"` // counts, negative, struck, covered, lacks_term, lacks_service, lacks_drugs
	By      string `json:"by,omitempty"`
	Rule    Rule   `json:"rule"`
}

// Text says what a text pays for.
func (c *Classifier) Text(text string) Explanation {
	room := new(room)
	hits := c.keywords.read(text, room)
	var m Matches
	m.add(c.keywords.terms, room.counted(hits, c.keywords.terms))
	m.tidy()
	e := Explanation{Text: text, Intervention: "none", Method: methodNone, Confidence: "medium"}
	intervention, why, ok := m.decide()
	e.Reason = string(why)
	if ok {
		e.Intervention, e.Population, e.Method = intervention, m.population(intervention), methodText
		e.Rule = strings.Join(m.Rules, "+")
	}
	if why == reasonContradict {
		e.Confidence = "low"
		e.share(hrShare{low: &shareNone, high: &shareAll})
	} else {
		e.share(c.crosswalk.shareOf(e.Intervention, e.Population))
	}
	for _, h := range hits {
		if k := c.keywords.terms[h.term].kind; k == here || k == elsewhere && !slices.ContainsFunc(hits, func(o hit) bool { return o.state == struck && o.by == h.term }) {
			continue // it took nothing away
		}
		e.Words = append(e.Words, c.word(text, room.spans, h))
	}
	e.Language = languageOf(c.languages, text, e.Words)
	if why == reasonNothing && e.Language == "" && strings.ContainsFunc(text, foreign) {
		e.Confidence = "low" // in a language whose words we may not know
	}
	return e
}

func foreign(r rune) bool { return r >= utf8.RuneSelf && unicode.IsLetter(r) }

// Code says what a code of a publisher's classification pays for.
func (c *Classifier) Code(scheme, code string) Explanation {
	e := Explanation{Text: scheme + ":" + code, Intervention: "none", Method: methodNone, Confidence: "low", Reason: string(reasonNothing)}
	rule, _, ok := c.crosswalk.first([]extractors.Code{{Scheme: scheme, Code: code}})
	if ok {
		e.Intervention, e.Population, e.Rule, e.Confidence = rule.intervention, rule.population, rule.id, rule.confidence
		e.Method, e.Reason = methodReported, "code"
		if scheme == "hrinvest" {
			e.Method = methodExpert
		}
		e.Words = []Word{{
			Found: code, From: 1, To: utf8.RuneCountInString(code), Counts: true, Because: "counts",
			Rule: Rule{rule.id, "code", scheme, rule.code, rule.intervention, rule.author, rule.date, rule.source, rule.note},
		}}
	}
	e.share(c.crosswalk.shareOf(e.Intervention, e.Population))
	return e
}

func (e *Explanation) share(s hrShare) {
	for _, v := range []struct {
		to   *string
		from *uint64
	}{{&e.ShareLow, s.low}, {&e.Share, s.central}, {&e.ShareHigh, s.high}} {
		if v.from != nil {
			*v.to = "0"
			if *v.from == one {
				*v.to = "1"
			}
		}
	}
}

// word tells of a hit where it stands and whether it counts.
func (c *Classifier) word(text string, spans []span, h hit) Word {
	t := &c.keywords.terms[h.term]
	from, to := spans[h.at].rawFrom, spans[h.at+h.n-1].rawTo
	w := Word{
		Found: text[from:to], From: utf8.RuneCountInString(text[:from]) + 1, To: utf8.RuneCountInString(text[:to]),
		Counts: h.state == counts && !t.mute, Because: "counts",
		Rule: Rule{t.id, t.kind, t.language, t.written, t.intervention, t.author, t.date, t.source, t.note},
	}
	switch {
	case t.mute:
		w.Because = "negative"
	case h.state == struck:
		w.Because, w.By = "struck", c.keywords.terms[h.by].id
	case h.state == covered:
		w.Because, w.By = "covered", c.keywords.terms[h.by].id
	case h.state == lacking:
		w.Because = "lacks_" + t.needs
	}
	return w
}

// tongue is how a language is told: by letters only it has, and by its small
// words.
type tongue struct {
	id      string
	letters string
	words   []string
	folded  []string // words as tokens are: without accents
}

func newTongues() ([]tongue, error) {
	rows, err := vocabRows("languages.csv", 3)
	if err != nil {
		return nil, err
	}
	var out []tongue
	for _, r := range rows {
		l := tongue{id: r[0], letters: r[1], words: strings.Fields(r[2])}
		for _, w := range l.words {
			var folded []byte
			for _, r := range w {
				folded = appendFolded(folded, r)
			}
			l.folded = append(l.folded, string(folded))
		}
		out = append(out, l)
	}
	return out, nil
}

// languageOf tells the language of a text, or "" where two are as likely. Words
// of our vocabulary that stand in it count too: a title is short.
func languageOf(languages []tongue, text string, found []Word) string {
	lower := strings.ToLower(text)
	tokens := strings.FieldsFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) })
	best, second, answer := 0, 0, ""
	for _, l := range languages {
		points := 0
		for _, t := range tokens {
			if slices.Contains(l.words, t) {
				points += 2
			}
		}
		for _, r := range l.letters {
			points += 3 * min(1, strings.Count(lower, string(r)))
		}
		for i, w := range found {
			if w.Rule.Scheme == l.id && !slices.ContainsFunc(found[:i], func(o Word) bool { return o.Rule.Scheme == l.id && o.From == w.From }) {
				points += 2
			}
		}
		switch {
		case points > best:
			best, second, answer = points, best, l.id
		case points > second:
			second = points
		}
	}
	if best == second {
		return ""
	}
	return answer
}
