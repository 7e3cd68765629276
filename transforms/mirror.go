package transforms

import (
	"hrinvest/extractors"
)

// stepRevised keeps one of an original and a revised budget of the same period.
func stepRevised(group []Row) ([]Row, error) {
	revised := map[[2]Date]bool{}
	for i := range group {
		if r := &group[i]; r.Problem == "" && r.ExcludedBy == "" && r.D.Kind == extractors.Budget && r.D.BudgetStage == "revised" {
			revised[[2]Date{r.Start, r.End}] = true
		}
	}
	if len(revised) == 0 {
		return group, nil
	}
	for i := range group {
		r := &group[i]
		if r.Problem == "" && r.D.Kind == extractors.Budget && r.D.BudgetStage == "planned" && r.Start != NoDate && revised[[2]Date{r.Start, r.End}] {
			r.exclude("revised", r.D.Group)
		}
	}
	return group, nil
}

// stepMirror finds, within one activity of a source whose money spent is
// disbursement + expenditure, the publishers that state the same money twice
// (money rule 2). In one currency the disbursements mirror the expenditure when
// both totals differ by less than one per cent, or when each of them is the whole
// of what was committed or budgeted, give or take five per cent: together they
// would be twice what there was. Then the expenditure counts and the
// disbursements go to the ledger.
func stepMirror(group []Row) ([]Row, error) {
	all := map[string]*totals{} // by currency
	for i := range group {
		r := &group[i]
		if r.Problem != "" || r.ExcludedBy != "" {
			continue
		}
		t := all[r.Currency]
		if t == nil {
			t = &totals{}
			all[r.Currency] = t
		}
		switch r.D.Kind {
		case extractors.Disbursement:
			t.disbursed = t.disbursed.Add(r.Amount)
		case extractors.Expenditure:
			t.spent = t.spent.Add(r.Amount)
		case extractors.Commitment:
			t.committed = t.committed.Add(r.Amount)
		case extractors.Budget:
			t.budgeted = t.budgeted.Add(r.Amount)
		}
	}
	for i := range group {
		r := &group[i]
		if r.Problem == "" && r.D.Kind == extractors.Disbursement && all[r.Currency] != nil && all[r.Currency].mirror() {
			r.exclude("mirror", r.D.Group)
			r.flag("d_e_mirror")
		}
	}
	return group, nil
}

// totals of one activity in one currency.
type totals struct{ disbursed, spent, committed, budgeted Decimal }

func (t *totals) mirror() bool {
	if t.disbursed.Sign() <= 0 || t.spent.Sign() <= 0 {
		return false
	}
	if within(t.disbursed, t.spent, 1) {
		return true
	}
	for _, whole := range [...]Decimal{t.committed, t.budgeted} {
		if whole.Sign() > 0 && within(t.disbursed, whole, 5) && within(t.spent, whole, 5) {
			return true
		}
	}
	return false
}

// within says whether a differs from b by less than so many per cent of b.
func within(a, b Decimal, percent uint64) bool {
	return a.Sub(b).Abs().Mul(decimalOf(100)).Cmp(b.Abs().Mul(decimalOf(percent))) < 0
}
