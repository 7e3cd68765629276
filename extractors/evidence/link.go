package evidence

import (
	"fmt"

	"hrinvest/extractors"
)

// emit hands the statements of a sheet to the sink: rejected rows and
// observations in the order of the sheet, money by whole, so that a whole and
// its parts come together, and so do the plan, the revised plan and the
// execution of a budget line.
func emit(statements []*statement, document string, out extractors.Sink) error {
	root := link(statements)
	family := map[*statement][]*statement{}
	for _, s := range statements {
		if len(s.problems) == 0 && s.money != nil {
			family[root[s]] = append(family[root[s]], s)
		}
	}
	for _, s := range statements {
		var err error
		switch {
		case len(s.problems) > 0:
			err = out.Reject(s.problem(document))
		case s.value != nil:
			err = out.Observe(*s.value)
		case root[s] == s:
			for _, member := range family[s] {
				member.money.Group, member.money.PartOf = s.id, member.partOf
				if err = out.Disclose(*member.money); err != nil {
					break
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// link finds the whole at the top of each row's chain of wholes. A part whose
// whole is missing, rejected, of another kind or its own part is rejected: its
// sum would otherwise count twice or not at all.
func link(statements []*statement) map[*statement]*statement {
	byID := map[string]*statement{}
	for _, s := range statements {
		if _, dup := byID[s.id]; !dup {
			byID[s.id] = s
		}
	}
	for changed := true; changed; { // a part of a rejected part is rejected in the next round
		changed = false
		for _, s := range statements {
			if s.partOf == "" || len(s.problems) > 0 {
				continue
			}
			whole := byID[s.partOf]
			switch {
			case whole == nil:
				s.reject(say("part_of %q: no row has this id", "часть записи %q: строки с таким номером нет", short(s.partOf)))
			case whole.value != nil:
				s.reject(say("part_of %q: that row is not a sum of money", "часть записи %q: та строка не сумма средств", short(s.partOf)))
			case len(whole.problems) > 0:
				s.reject(say("part_of %q: row %d was rejected itself", "часть записи %q: строка %d сама отклонена", short(s.partOf), whole.row.number))
			case whole.money.Kind != s.money.Kind:
				s.reject(say("part_of %[1]q: that row is of kind %[2]s, this one of kind %[3]s", "часть записи %[1]q: там вид средств «%[4]s», здесь «%[5]s»",
					short(s.partOf), whole.money.Kind, s.money.Kind, whole.kindRU, s.kindRU))
			case circular(s, byID):
				s.reject(say("part_of %q: the row would be a part of itself", "часть записи %q: строка была бы частью самой себя", short(s.partOf)))
			default:
				continue
			}
			changed = true
		}
	}
	root, lines := map[*statement]*statement{}, map[string]*statement{}
	for _, s := range statements {
		top := s
		for len(s.problems) == 0 && top.partOf != "" {
			top = byID[top.partOf]
		}
		if top.line != "" && top.money != nil && len(top.problems) == 0 { // plan, revised plan and execution
			if lines[top.line] == nil {
				lines[top.line] = top
			}
			top = lines[top.line]
		}
		root[s] = top
	}
	return root
}

func circular(s *statement, byID map[string]*statement) bool {
	seen := map[*statement]bool{}
	for s != nil && s.partOf != "" {
		if seen[s] {
			return true
		}
		seen[s] = true
		s = byID[s.partOf]
	}
	return false
}

// problem lists everything that is wrong with a row, in both languages.
func (s *statement) problem(document string) extractors.Problem {
	p := extractors.Problem{Document: document, Locator: s.row.locator, Raw: s.raw, Places: s.places, Parties: s.carriers}
	p.Reason, p.ReasonRU = fmt.Sprintf("row %d: ", s.row.number), fmt.Sprintf("строка %d: ", s.row.number)
	for i, m := range s.problems {
		if i > 0 {
			p.Reason, p.ReasonRU = p.Reason+"; ", p.ReasonRU+"; "
		}
		p.Reason, p.ReasonRU = p.Reason+m.EN, p.ReasonRU+m.RU
	}
	return p
}
