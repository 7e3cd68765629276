package transforms

import (
	"hrinvest/extractors"
)

// stepMirror finds, within one activity of a source whose money spent is
// disbursement + expenditure, the publishers that state the same money twice:
// when both totals of a currency differ by less than one per cent the
// expenditure counts and the disbursements go to the ledger (money rule 2).
//
// It also keeps one of an original and a revised budget of the same period.
func stepMirror(group []Row) ([]Row, error) {
	spent := map[string]*struct{ d, e Decimal }{}
	revised := map[[2]Date]bool{}
	for i := range group {
		r := &group[i]
		if r.Problem != "" {
			continue
		}
		if r.D.Kind == extractors.Budget && r.D.BudgetStage == "revised" {
			revised[[2]Date{r.Start, r.End}] = true
		}
		if r.D.Kind != extractors.Disbursement && r.D.Kind != extractors.Expenditure {
			continue
		}
		t := spent[r.Currency]
		if t == nil {
			t = &struct{ d, e Decimal }{}
			spent[r.Currency] = t
		}
		if r.D.Kind == extractors.Disbursement {
			t.d = t.d.Add(r.Amount)
		} else {
			t.e = t.e.Add(r.Amount)
		}
	}
	for i := range group {
		r := &group[i]
		switch {
		case r.Problem != "":
		case r.D.Kind == extractors.Disbursement && mirrored(spent[r.Currency].d, spent[r.Currency].e):
			r.exclude("mirror", r.D.Group)
			r.flag("d_e_mirror")
		case r.D.Kind == extractors.Budget && r.D.BudgetStage == "planned" && r.Start != NoDate && revised[[2]Date{r.Start, r.End}]:
			r.exclude("revised", r.D.Group)
		}
	}
	return group, nil
}

// mirrored says whether two positive totals differ by less than one per cent.
func mirrored(d, e Decimal) bool {
	if d.Sign() <= 0 || e.Sign() <= 0 {
		return false
	}
	diff := d.Sub(e).Abs()
	return diff.Mul(decimalOf(100)).Cmp(d) < 0
}
