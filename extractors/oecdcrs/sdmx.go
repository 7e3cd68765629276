package oecdcrs

import "strings"

// Why rows of the interface's answers are counted and not disclosed.
const (
	skipAggregate = "a sum over activities, not an activity"
	skipConstant  = "constant prices: the same sum stands there at current prices"
	skipPrices    = "prices of another basis"
	skipUnit      = "not in US dollars: the same sum stands there in dollars"
	skipFlowType  = "neither a commitment nor a disbursement"
)

// sdmx reads an answer of the interface. It has one sum a row, of one flow type
// (C commitment, D disbursement), price base (V current, Q constant; in the codes
// of OECD.Stat A and D) and unit.
func (d *document) sdmx() error {
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	return d.eachRow(f, ',', d.tables.sdmx, func(cells [][]byte, number int) error {
		get := func(f field) string {
			if !d.layout.has(f) {
				return ""
			}
			return cell(f, cells[d.layout.at[f]])
		}
		reason, sum := oneSum(get)
		if d.tables.scope.rule(cells[d.layout.at[purpose]]) == outside {
			reason = skipPurpose
		}
		if reason != "" {
			d.skip(reason)
			return nil
		}
		return d.consider("", number, get, sum)
	}, "")
}

// oneSum says which sum a row of the interface states, or why it is none of ours.
func oneSum(get func(field) string) (skip string, sum field) {
	if !isActivity(get) {
		return skipAggregate, 0
	}
	switch get(priceBase) {
	case "V", "A":
	case "Q", "D":
		return skipConstant, 0
	default:
		return skipPrices, 0
	}
	if u := get(unit); u != "USD" {
		return skipUnit, 0
	}
	switch get(flowType) {
	case "C":
		return "", commitment
	case "D":
		return "", disbursement
	}
	return skipFlowType, 0
}

// allMeasures is the measure ODA, over grants, loans and equity.
const allMeasures = "100"

// isActivity tells the report of an activity from a sum over activities: it has
// an id of its own, and none of its dimensions is a total.
func isActivity(get func(field) string) bool {
	id, kind := get(detailID), get(detail)
	if id == "" || id == "_T" || kind == "_T" || get(flow) == allMeasures {
		return false
	}
	return kind == "" || kind == "DD" || strings.EqualFold(kind, "Project/programme")
}
