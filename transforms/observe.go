package transforms

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/plaintext"
)

// Observe implements extractors.Sink.
func (s *SourceSink) Observe(o extractors.Observation) error {
	c, err := s.document(o.Document)
	if err != nil {
		return err
	}
	if p, bad := s.n.misread(s.info, o); bad {
		return s.Reject(p)
	}
	s.counts.Observations++
	c.Observations++
	s.n.rates.Observe(o)
	s.n.deflators.Observe(o)
	row := observed{s: s, o: &o, g: s.n.gazetteer}
	if s.info.Kind == extractors.Money && o.Note != "" && s.n.cfg.Withheld[row.area()] {
		s.n.noted = append(s.n.noted, row) // until it is known who must not be named
		return nil
	}
	return s.n.observations.add(row)
}

// writeNoted writes the observations about countries where implementers are withheld.
// Words that name one lose their address too.
func (n *Normaliser) writeNoted() error {
	w := n.withholding
	for _, v := range n.noted {
		if len(w.carriers(&extractors.Disclosure{Parties: v.o.Parties})) > 0 || w.namesHidden(v.o.Note) || w.namesHidden(v.o.URL) {
			v.o.Note, v.withheld = "withheld", true
		}
		if err := n.observations.add(v); err != nil {
			return err
		}
	}
	n.noted = nil
	return nil
}

// area is the code of the place of an observation, or the place as published.
func (v *observed) area() string {
	if v.o.Area != "" {
		return v.o.Area
	}
	if iso3, ok := v.g.Country("name", "", v.o.AreaName); ok {
		return iso3
	}
	if id, ok := v.g.Region("", v.o.AreaName); ok {
		return id
	}
	return v.o.AreaName
}

// misread says why an observation is none: a price of nothing, or a place that a
// person typed and nobody knows.
func (n *Normaliser) misread(info extractors.Info, o extractors.Observation) (extractors.Problem, bool) {
	p := extractors.Problem{Document: o.Document, Locator: o.Locator}
	if slices.Contains(prices[:], o.Indicator) && isZero(o.Value) {
		p.Reason = fmt.Sprintf("%s of %s is 0: no rate or price index can be", o.Indicator, cmp.Or(o.Area, o.AreaName))
		p.ReasonRU = fmt.Sprintf("%s для %s равен 0: такого курса или индекса цен не бывает", o.Indicator, cmp.Or(o.Area, o.AreaName))
		return p, true
	}
	if !info.Typed {
		return p, false
	}
	place := extractors.Share{Vocabulary: "name", Name: o.AreaName}
	if o.Area != "" {
		place = extractors.Share{Vocabulary: "iso3", Code: o.Area}
	}
	p.Reason, p.ReasonRU = n.gazetteer.slip(place)
	p.Places = []extractors.Share{place}
	return p, p.Reason != ""
}

// prices are the indicators that 0 is no value of.
var prices = [...]string{"fx_un", "fx_ecb", "fx_wb", "fx_dac", "gdp_deflator", "dac_deflator", "imf_deflator", "imf_ngdp", "imf_ngdpd"}

func isZero(value string) bool {
	d, _, err := ParseDecimal(value, RateScale)
	return err == nil && d.Sign() == 0 && strings.Trim(value, "+-0., ") == ""
}

// status is how sure the value is: 0 is its own word.
func (v *observed) status() string {
	switch s := v.o.Status; {
	case (s == "" || s == "reported") && isZero(v.o.Value):
		return "zero"
	case s == "" && v.o.Value == "" && v.o.ValueText == "":
		return "not_reported"
	default:
		return orElse(s, "reported")
	}
}

// url is the address to cite.
func (v *observed) url() string {
	if v.withheld {
		return ""
	}
	return plaintext.WithoutMailURL(orElse(v.o.URL, v.s.docs[v.o.Document].URL))
}
