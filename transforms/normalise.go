// Package transforms understands disclosures: it turns what publishers wrote
// into flows of the contract, one step per file, exactly and without losing a
// cent. Everything here is a pure function of the disclosures, the observations
// of the reference sources and the reviewed words in vocab/.
//
//	disclosures --Steps, a group at a time--> rows --Arrow batches--> spool
//	spool --overlap decisions over all flows--> record readers for the warehouse
package transforms

import (
	"fmt"
	"os"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/array"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

// Config of a Normaliser.
type Config struct {
	// Dir receives the spool files; the caller removes it. Required.
	Dir string
	// BatchRows is the size of an Arrow batch, at most 65,536. 0: 16,384, which
	// was measured to load as fast as larger ones in half their memory. A batch
	// of long texts (the quoted fields of disclosures) ends earlier.
	BatchRows int
	// PriceYear is the base year of constant prices. 0: 2022.
	PriceYear int
	// Withheld says for which countries (alpha-3) implementers are withheld.
	// Nil: none.
	Withheld map[string]bool
	// Withdrawn are statements (disclosure ids) an operator removed, and why. What
	// remains of one is a rejected statement without its words and amounts.
	// Nil: none.
	Withdrawn map[string]string
}

// Normaliser turns the statements of all sources into the tables flows,
// disclosures and observations. Sources are normalised one after another,
// reference sources first, then those with more authority: what they say of an
// organisation's name holds for the rest. It is not safe for concurrent use.
type Normaliser struct {
	cfg           Config
	gazetteer     *Gazetteer
	rates         *Rates
	deflators     *Deflators
	steps         []Step
	mirrored      []Step // the same, for sources whose money spent is disbursement + expenditure
	placed        Step   // of statements that become no flow: where, and withheld or not
	organisations *Organisations
	withholding   *withholding
	noted         []observed // about countries where implementers are withheld
	overlap       *overlap
	corrections   *Corrections

	flows        *spool[flow]
	disclosures  *spool[disclosed]
	observations *spool[observed]
}

// New reads the vocabularies and opens the spool.
func New(cfg Config) (*Normaliser, error) {
	if cfg.BatchRows == 0 {
		cfg.BatchRows = 1 << 14
	}
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("opening spool: %w", err)
	}
	rates, err := NewRates()
	if err != nil {
		return nil, err
	}
	n := &Normaliser{cfg: cfg, rates: rates, deflators: NewDeflators(cfg.PriceYear), overlap: newOverlap()}
	keywords, err := NewKeywords()
	if err != nil {
		return nil, err
	}
	crosswalk, err := NewCrosswalk()
	if err != nil {
		return nil, err
	}
	if n.corrections, err = NewCorrections(); err != nil {
		return nil, err
	}
	shares, err := NewGrantShares()
	if err != nil {
		return nil, err
	}
	organisations, err := NewOrganisations()
	if err != nil {
		return nil, err
	}
	if n.gazetteer, err = NewGazetteer(); err != nil {
		return nil, err
	}
	n.organisations = organisations
	n.withholding = newWithholding(cfg.Withheld, n.gazetteer, organisations)
	before := []Step{stepAmount, stepDates, stepTyped(n.gazetteer), stepParts}
	after := []Step{
		stepOrganisation(organisations, n.gazetteer), stepPlace(n.gazetteer), stepSector,
		stepIntervention(crosswalk, keywords, n.corrections, shares), stepTier(organisations), stepSlice,
		stepConvert(n.rates), stepConstant(n.deflators, n.gazetteer), n.withholding.step,
	}
	n.steps = slices.Concat(before, []Step{stepRevised}, after)
	n.mirrored = slices.Concat(before, []Step{stepRevised, stepMirror}, after)
	place := stepPlace(n.gazetteer)
	n.placed = func(group []Row) ([]Row, error) {
		group, err := place(group)
		if err != nil {
			return nil, err
		}
		return n.withholding.step(group)
	}
	if n.flows, err = newSpool(cfg, FlowSchema, flowColumns); err != nil {
		return nil, err
	}
	if n.disclosures, err = newSpool(cfg, DisclosureSchema, disclosureColumns); err != nil {
		return nil, err
	}
	if n.observations, err = newSpool(cfg, ObservationSchema, observationColumns); err != nil {
		return nil, err
	}
	return n, nil
}

// UnmatchedCorrections lists the reviewed corrections that matched no statement
// of their source, though the source had some.
func (n *Normaliser) UnmatchedCorrections() []UnmatchedCorrection { return n.corrections.Unmatched() }

// Counts is the balance of one source: Parsed = Loaded + OutOfScope + Rejected,
// in statements about money.
type Counts struct {
	Parsed, Loaded, OutOfScope, Rejected int
	Observations, Flows                  int
	// ByDocument has the same counts per document (sha256).
	ByDocument map[string]*DocumentCounts
	// Reasons counts rejected and out-of-scope statements by reason.
	Reasons map[string]int
}

// DocumentCounts is the balance of one document.
type DocumentCounts struct {
	Parsed, Loaded, OutOfScope, Rejected, Observations int
	// Withheld: every loaded statement of the document is withheld, so that its
	// address and name must be too.
	Withheld bool
	shown    int
}

// SourceSink takes what one source's Parse finds. Close it when Parse is done.
type SourceSink struct {
	n        *Normaliser
	info     extractors.Info
	docs     map[string]fetch.Document
	held     []extractors.Disclosure // statements of the group at hand
	group    []Row                   // their rows; kept for its memory
	ordinals map[[16]byte]uint32     // statements alike so far, by hash
	scratch  []byte
	counts   Counts
}

var _ extractors.Sink = (*SourceSink)(nil)

// Source starts a source.
func (n *Normaliser) Source(info extractors.Info, docs extractors.Set) *SourceSink {
	s := &SourceSink{
		n: n, info: info, docs: map[string]fetch.Document{}, ordinals: map[[16]byte]uint32{},
		counts: Counts{ByDocument: map[string]*DocumentCounts{}, Reasons: map[string]int{}},
	}
	for _, d := range docs {
		s.docs[d.SHA256] = d
		s.counts.ByDocument[d.SHA256] = &DocumentCounts{}
	}
	return s
}

func (s *SourceSink) document(sum string) (*DocumentCounts, error) {
	c, ok := s.counts.ByDocument[sum]
	if !ok {
		return nil, fmt.Errorf("source %s: statement of document %q, which was not given to it", s.info.ID, sum)
	}
	return c, nil
}

// Disclose implements extractors.Sink.
func (s *SourceSink) Disclose(d extractors.Disclosure) error {
	c, err := s.document(d.Document)
	if err != nil {
		return err
	}
	s.counts.Parsed++
	c.Parsed++
	if d.OutOfScope != "" {
		return s.outOfScope(c, d)
	}
	if len(s.held) > 0 && s.held[0].Group != d.Group {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.held = append(s.held, d)
	return nil
}

// outOfScope records a statement that is counted but not loaded.
func (s *SourceSink) outOfScope(c *DocumentCounts, d extractors.Disclosure) error {
	s.counts.OutOfScope++
	c.OutOfScope++
	s.because(d.OutOfScope, 1)
	amount, _, err := ParseDecimal(d.Amount, MoneyScale)
	row := newRow(&d)
	// what names an implementer is withheld here as in the flows
	placed, stepErr := s.n.placed([]Row{row})
	if stepErr != nil {
		return stepErr
	}
	row = placed[0]
	row.disclosureID = s.disclosureID(&d)
	return s.n.disclosures.add(disclosed{
		s: s, row: &row, d: &d, amount: amount, hasAmount: err == nil, withheld: row.flagged(flagWithheld),
		outcome: "out_of_scope", problem: d.OutOfScope,
	})
}

// Reject implements extractors.Sink.
func (s *SourceSink) Reject(p extractors.Problem) error {
	c, err := s.document(p.Document)
	if err != nil {
		return err
	}
	s.counts.Parsed++
	s.counts.Rejected++
	c.Parsed++
	c.Rejected++
	w := s.n.withholding
	withheld := s.info.Kind != extractors.Reference && w.rejected(p)
	if withheld {
		for _, party := range w.carriers(&extractors.Disclosure{Parties: p.Parties}) {
			w.hide(party)
		}
		p.Reason, p.ReasonRU, p.Raw = w.reason(p.Reason), w.reason(p.ReasonRU), withheldRaw
	}
	p.Reason, p.ReasonRU = w.codes.cut(p.Reason), w.codes.cut(p.ReasonRU)
	s.because(p.Reason, 1)
	d := extractors.Disclosure{Document: p.Document, Locator: p.Locator, Key: p.Locator, Raw: []byte(w.codes.cut(string(p.Raw)))}
	row := newRow(&d)
	row.disclosureID = s.disclosureID(&d)
	return s.n.disclosures.add(disclosed{s: s, row: &row, d: &d, withheld: withheld, outcome: "rejected", problem: p.Reason, problemRU: p.ReasonRU})
}

// because counts statements by why they were not loaded, for the report.
func (s *SourceSink) because(reason string, k int) {
	s.counts.Reasons[plaintext.WithoutMail(reason)] += k
}

// Skip implements extractors.Sink.
func (s *SourceSink) Skip(sum string, k int, reason string) error {
	c, err := s.document(sum)
	if err != nil {
		return err
	}
	s.counts.Parsed += k
	s.counts.OutOfScope += k
	c.Parsed += k
	c.OutOfScope += k
	s.because(reason, k)
	return nil
}

// Close normalises the last group and returns the balance.
func (s *SourceSink) Close() (Counts, error) {
	if err := s.flush(); err != nil {
		return Counts{}, err
	}
	s.n.organisations.learn()
	for _, c := range s.counts.ByDocument {
		c.Withheld = c.Withheld && c.shown == 0
	}
	if c := s.counts; c.Parsed != c.Loaded+c.OutOfScope+c.Rejected {
		return c, fmt.Errorf("source %s: %d statements parsed, but %d loaded, %d out of scope, %d rejected", s.info.ID, c.Parsed, c.Loaded, c.OutOfScope, c.Rejected)
	}
	return s.counts, nil
}

// Tables are the finished tables, ready to be read once each, in any order.
type Tables struct{ Flows, Disclosures, Observations array.RecordReader }

// Readers lists the tables in the order in which they are best loaded.
func (t *Tables) Readers() []array.RecordReader {
	return []array.RecordReader{t.Flows, t.Disclosures, t.Observations}
}

// Release closes the readers.
func (t *Tables) Release() {
	for _, r := range t.Readers() {
		r.Release()
	}
}

// Finish decides the overlap over all flows and opens the tables for reading.
func (n *Normaliser) Finish() (*Tables, error) {
	flows, err := n.flows.finish()
	if err != nil {
		return nil, err
	}
	disclosures, err := n.disclosures.finish()
	if err != nil {
		return nil, err
	}
	if err := n.writeNoted(); err != nil {
		return nil, err
	}
	observations, err := n.observations.finish()
	if err != nil {
		return nil, err
	}
	return &Tables{Flows: n.overlap.decide(flows), Disclosures: disclosures, Observations: observations}, nil
}
