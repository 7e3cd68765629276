package transforms

import (
	"slices"
	"strings"

	"hrinvest/extractors"
)

// purposes is what the published sectors of a statement are.
type purposes struct {
	of      []extractors.Share
	dac     []extractors.Share
	other   string   // labels of other vocabularies
	codes   []string // of dac, each once
	weights []uint64
	sum     uint64
	ok      bool // percentages were published
}

func purposesOf(sectors []extractors.Share) purposes {
	p := purposes{of: sectors}
	var other []string
	for _, s := range sectors {
		if s.Vocabulary == "dac" && len(s.Code) == 5 {
			p.dac = append(p.dac, s)
		} else {
			other = append(other, oneWord(s.Vocabulary+":"+s.Code))
		}
	}
	slices.Sort(other)
	p.other = strings.Join(slices.Compact(other), " ")
	p.codes, p.weights, p.sum, p.ok = mergeSectors(p.dac)
	return p
}

// stepSector splits money over DAC purpose codes where percentages were
// published, and keeps other vocabularies as labels only. A statement with
// budget items is left whole: its items split it.
func stepSector(group []Row) ([]Row, error) {
	var last purposes
	return spread(func(r *Row) []Row {
		if !shared(r.D.Sectors, last.of) {
			last = purposesOf(r.D.Sectors)
		}
		return sectored(r, last)
	})(group)
}

// sectored gives a row its purpose, or splits it over several.
func sectored(r *Row, p purposes) []Row {
	dac, codes, weights, sum, ok := p.dac, slices.Clip(p.codes), slices.Clip(p.weights), p.sum, p.ok
	r.SectorOther = p.other
	if len(r.D.Items) > 0 || len(dac) == 0 {
		if len(r.D.Items) > 0 {
			for _, s := range dac {
				r.SectorOther = join(r.SectorOther, "dac:"+s.Code)
			}
		}
		return nil
	}
	switch {
	case !ok && len(codes) == 1:
		r.Sector = codes[0]
		return nil
	case !ok:
		r.flag("sectors_not_split")
		for _, c := range codes {
			r.SectorOther = join(r.SectorOther, "dac:"+c)
		}
		return nil
	case !complete(weights, sum):
		codes, weights = append(codes, ""), append(weights, hundred-sum)
		r.flag("sector_remainder")
	case sum != hundred:
		r.flag("percentages_rebased")
	}
	if len(codes) == 1 && near100(sum) {
		r.Sector = codes[0]
		return nil
	}
	return r.split("sector", weights, func(i int, p *Row) string {
		p.Sector = codes[i]
		return "sector:" + codes[i]
	})
}

// mergeSectors adds up the percentages of codes that were named twice.
func mergeSectors(shares []extractors.Share) (codes []string, weights []uint64, sum uint64, ok bool) {
	published, _, ok := percentages(shares)
	for i, s := range shares {
		at := slices.Index(codes, s.Code)
		if at < 0 {
			at = len(codes)
			codes, weights = append(codes, s.Code), append(weights, 0)
		}
		if ok {
			weights[at] += published[i]
			sum += published[i]
		}
	}
	return codes, weights, sum, ok
}
