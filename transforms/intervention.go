package transforms

import (
	"slices"
	"strings"

	"hrinvest/extractors"
)

// How an intervention was decided (flows.hr_method).
const (
	methodReported    = "reported"      // the publisher's own line or code says it
	methodApportioned = "apportioned"   // by the grant's published budget shares
	methodText        = "text_inferred" // by words of the title or statement
	methodExpert      = "expert"        // a researcher entered it with a citation
	methodNone        = "none"          // nothing says it
)

// stepIntervention decides what the money buys, best evidence first: a reviewer's
// correction, budget items that apportion the grant, explicit codes, words about
// this statement, the activity's title, the purpose code. A long description that merely
// mentions drug use decides nothing: the row stays what its purpose says
// and is marked.
func stepIntervention(x *Crosswalk, k *Keywords, corrections *Corrections, shares *GrantShares) Step {
	type words struct {
		intervention, population, rule string
		ok                             bool
	}
	type purpose struct {
		code string
		rule crosswalkRule
		ok   bool
	}
	return func(group []Row) ([]Row, error) {
		seen := map[string]words{} // an activity's texts repeat on every statement
		decide := func(text string) words {
			if text == "" {
				return words{}
			}
			w, ok := seen[text]
			if !ok {
				w.intervention, w.population, w.rule, w.ok = k.Decide(text)
				seen[text] = w
			}
			return w
		}
		var last purpose // mostly the next row's too
		byPurpose := func(r *Row) {
			if last.code != r.Sector {
				last = purpose{code: r.Sector}
				last.rule, last.ok = x.find(extractors.Code{Scheme: "dac", Code: r.Sector})
			}
			rule := last.rule
			if r.Sector == "" || !last.ok {
				r.Intervention, r.Method, r.Confidence = "none", methodNone, "medium"
				return
			}
			r.Intervention, r.Rule, r.Method, r.Confidence = rule.intervention, rule.id, methodReported, rule.confidence
			r.Population, r.HIV = rule.population, rule.hiv
		}
		// of a cycle whose framework is not known, a line's words say more than the
		// disease it is for
		byStatement := func(r *Row) bool {
			for _, t := range r.D.Texts {
				w := decide(t.Text)
				if !t.OfStatement || !w.ok || w.intervention == "none" || w.intervention == "hiv_other" {
					continue
				}
				r.Intervention, r.Population, r.Rule, r.Method, r.Confidence = w.intervention, w.population, w.rule, methodText, "medium"
				return true
			}
			return false
		}
		classify := func(r *Row) []Row {
			if c, ok := corrections.find(r.Source, r.D); ok {
				r.Intervention, r.Population, r.Setting = c.intervention, c.population, c.setting
				r.Rule, r.Method, r.Confidence = "correction:"+c.id, methodExpert, "high"
				r.flag("corrected")
				return nil
			}
			if len(r.D.Items) > 0 {
				return apportion(r, x)
			}
			if rule, c, ok := x.first(r.D.Codes); ok {
				if c.Scheme == componentScheme && slices.ContainsFunc(r.D.Codes, newCycle) && byStatement(r) {
					return nil
				}
				r.Intervention, r.Rule, r.Method, r.Confidence = rule.intervention, rule.id, methodReported, rule.confidence
				r.Population, r.Setting, r.HIV = rule.population, rule.setting, rule.hiv
				if c.Scheme == "hrinvest" {
					r.Method = methodExpert
				}
				if rule.ofOtherCycle {
					r.flag("crosswalk_of_other_cycle")
				}
				return nil
			}
			byPurpose(r)
			texts := make([]string, 0, 2)
			for _, t := range r.D.Texts {
				if t.OfStatement {
					texts = append(texts, t.Text)
				}
			}
			for i, t := range append(texts, r.D.Title) {
				w := decide(t)
				if !w.ok || w.intervention == "none" || w.intervention == "hiv_other" && r.Intervention != "none" {
					continue
				}
				r.Intervention, r.Population, r.Rule, r.Method = w.intervention, w.population, w.rule, methodText
				r.Confidence = "medium"
				if w.intervention == "hiv_other" && i == len(texts) {
					r.Confidence = "low" // a title about HIV says little of one slice of its money
				}
				return nil
			}
			for _, t := range r.D.Texts {
				if t.OfStatement {
					continue
				}
				if w := decide(t.Text); w.ok && w.intervention != "hiv_other" && w.intervention != "none" && w.intervention != "drug_control" {
					r.flag("mentions_drug_use")
					break
				}
			}
			return nil
		}
		return spread(func(r *Row) []Row {
			parts := classify(r)
			for i := range parts {
				finishIntervention(&parts[i])
				setShare(&parts[i], x, shares)
			}
			if parts == nil {
				finishIntervention(r)
				setShare(r, x, shares)
			}
			return parts
		})(group)
	}
}

// apportion splits a row by its grant's budget items: one row per intervention
// of ours and one for the rest. Item names read "Component -> Module ->
// Intervention"; their percentages are shares of the grant's budget.
func apportion(r *Row, x *Crosswalk) []Row {
	type share struct {
		rule   crosswalkRule
		weight uint64
	}
	var shares []share
	weights, sum, ok := percentages(r.D.Items)
	if !ok {
		r.Intervention, r.Method, r.Confidence = "none", methodNone, "low"
		r.flag("items_not_split")
		return nil
	}
	add := func(rule crosswalkRule, weight uint64) {
		at := slices.IndexFunc(shares, func(s share) bool {
			return s.rule.intervention == rule.intervention && s.rule.setting == rule.setting && s.rule.population == rule.population
		})
		if at < 0 {
			at = len(shares)
			shares = append(shares, share{rule: rule})
		}
		shares[at].weight += weight
	}
	for i, item := range r.D.Items {
		add(itemRule(item.Name, x), weights[i])
	}
	if !complete(weights, sum) {
		r.flag("items_remainder")
		add(crosswalkRule{id: "items:unallocated", intervention: "none"}, hundred-sum)
	} else if sum != hundred {
		r.flag("percentages_rebased")
	}
	merged := make([]uint64, len(shares))
	for i, s := range shares {
		merged[i] = s.weight
	}
	if r.D.Kind != extractors.Budget {
		r.flag("shares_of_budget") // applied to other money they are an estimate
		r.Status = "imputed"
	}
	return r.split("budget_items", merged, func(i int, p *Row) string {
		rule := shares[i].rule
		p.Intervention, p.Rule, p.Population, p.Setting, p.HIV = rule.intervention, rule.id, rule.population, rule.setting, rule.hiv
		p.Method, p.Confidence = methodApportioned, "medium"
		if p.HIV != nil && *p.HIV {
			p.Sector = "13040"
		}
		return join("item:"+p.Intervention, oneWord(p.Setting+p.Population))
	})
}

func itemRule(name string, x *Crosswalk) crosswalkRule {
	parts := strings.Split(name, "->")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	isHIV := len(parts) > 0 && strings.EqualFold(parts[0], "HIV")
	if len(parts) == 3 {
		if rule, ok := x.find(extractors.Code{Scheme: "globalfund", Code: "|" + parts[1] + "|" + parts[2]}); ok {
			if rule.hiv == nil {
				rule.hiv = &isHIV
			}
			return rule
		}
	}
	if isHIV {
		return crosswalkRule{id: "items:hiv", intervention: "hiv_other", hiv: &isHIV}
	}
	return crosswalkRule{id: "items:other", intervention: "none", hiv: &isHIV}
}

// setShare says which part of a row that is not split by intervention is harm
// reduction.
func setShare(r *Row, x *Crosswalk, shares *GrantShares) {
	if r.Intervention != "hiv_other" && r.Intervention != "unspecified_pwid" {
		return
	}
	share := x.shareOf(r.Intervention, r.Population)
	if r.Intervention == "hiv_other" && r.Split == "" && r.Method == methodReported {
		if s, ok := shares.find(r.D); ok {
			share = s
			r.Rule += "+" + s.rule
			r.flag("grant_share")
		}
	}
	r.HRShareLow, r.HRShare, r.HRShareHigh = share.low, share.central, share.high
}

// finishIntervention fills what follows from the decision.
func finishIntervention(r *Row) {
	corrected := r.flagged("corrected")
	if r.D.Population != "" && !corrected {
		r.Population = r.D.Population
	}
	if r.D.Setting != "" && !corrected {
		r.Setting = r.D.Setting
	}
	switch {
	case r.D.Confidence == "" || r.Method == methodText || corrected:
	case r.Method == methodReported: // no surer than what its code means
		r.Confidence = lessSure(r.Confidence, r.D.Confidence)
	default:
		r.Confidence = r.D.Confidence
	}
	if r.D.Imputed {
		r.Status = "imputed"
	}
	if r.HIV == nil {
		yes := r.Sector == "13040" || r.Sector == "16064" || strings.HasSuffix(r.Intervention, "_pwid") || r.Intervention == "hiv_other" ||
			r.Intervention == "nsp" || r.Intervention == "oat"
		if yes {
			r.HIV = &yes
		}
	}
}

// lessSure is the lower of two confidences; a word that is none is low.
func lessSure(a, b string) string {
	order := []string{"low", "medium", "high"}
	return order[max(0, min(slices.Index(order, a), slices.Index(order, b)))]
}
