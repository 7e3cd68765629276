package transforms

import (
	"fmt"
	"strings"

	"hrinvest/extractors"
)

// hrShare is which part of a row's money is harm reduction: low by the narrowest
// definition (core-3), central by Harm Reduction International's (hri), high by
// the widest (broad). Nil is unknown. It feeds estimates; it is never multiplied
// into sums.
type hrShare struct {
	rule               string // of vocab/grant_shares.csv; "" follows from the definitions
	low, central, high *uint64
	joint              bool // of a grant for HIV and tuberculosis
}

// GrantShares are the shares of harm reduction in the budgets of Global Fund
// grants: vocab/grant_shares.csv. They hold for money that stands for the whole
// grant, such as a payment to its recipient; of money other than the budget they
// make an estimate.
type GrantShares struct{ byGrant map[string]hrShare }

// NewGrantShares reads vocab/grant_shares.csv.
func NewGrantShares() (*GrantShares, error) {
	rows, err := vocabRows("grant_shares.csv", 10)
	if err != nil {
		return nil, err
	}
	return readGrantShares(rows)
}

func readGrantShares(rows [][]string) (*GrantShares, error) {
	s := &GrantShares{byGrant: map[string]hrShare{}}
	for _, r := range rows {
		share := hrShare{rule: r[0]}
		values := [3]*uint64{}
		for i := range values {
			d, _, err := ParseDecimal(r[2+i], ShareScale)
			if err != nil || d.Sign() < 0 || d.HighBits() != 0 || d.LowBits() > hundred {
				return nil, fmt.Errorf("grant_shares.csv: %s: %q is no percentage", r[0], r[2+i])
			}
			v := d.LowBits() / 100
			values[i] = &v
		}
		share.low, share.central, share.high = values[0], values[1], values[2]
		if *share.low > *share.central || *share.central > *share.high {
			return nil, fmt.Errorf("grant_shares.csv: %s: the shares are not in order", r[0])
		}
		if r[5] == "" || r[6] == "" || r[7] == "" || !strings.HasPrefix(r[8], "http") {
			return nil, fmt.Errorf("grant_shares.csv: %s needs years, author, date and source", r[0])
		}
		share.joint = !strings.Contains(r[1], "-H-")
		if _, twice := s.byGrant[grantKey(r[1])]; twice {
			return nil, fmt.Errorf("grant_shares.csv: the grant %s stands twice", r[1])
		}
		s.byGrant[grantKey(r[1])] = share
	}
	return s, nil
}

func grantKey(id string) string { return strings.ToUpper(id) }

// find gives the share of a statement about a grant as a whole: not of one of its
// lines, whose module says more, and not of one disease of a joint grant.
func (s *GrantShares) find(d *extractors.Disclosure) (hrShare, bool) {
	share, ok := s.byGrant[grantKey(d.ActivityID)]
	for _, id := range d.LinkIDs {
		if ok {
			break
		}
		share, ok = s.byGrant[grantKey(id)]
	}
	if !ok {
		return hrShare{}, false
	}
	for _, c := range d.Codes {
		oneDisease := c.Scheme == "globalfund-component" && share.joint && c.Code != "HIV/TB" && c.Code != "TB/HIV"
		if c.Scheme == "globalfund" || oneDisease {
			return hrShare{}, false
		}
	}
	return share, true
}

var (
	shareNone, shareAll uint64 = 0, one
)

// shareOf follows from which definitions include an intervention.
// Of HIV money in general any part may be harm reduction.
func (x *Crosswalk) shareOf(intervention, population string) hrShare {
	in := func(yes bool) *uint64 {
		if yes {
			return &shareAll
		}
		return &shareNone
	}
	if intervention == "hiv_other" && (population == "" || population == "key_populations" || population == "prisoners") {
		return hrShare{low: &shareNone, high: &shareAll}
	}
	d := x.definitions[intervention]
	return hrShare{low: in(d.core), central: in(d.hri), high: in(d.broad)}
}
