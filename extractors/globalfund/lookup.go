package globalfund

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// area is a node of the modular framework: a component, a module, an
// intervention, or a group of them.
type area struct {
	Name, Type   text
	Parent       *area
	ID, ParentID text
}

type place struct{ Code, Name, ID text }

type named struct{ Name text }

type donorRow struct {
	ID, Name text
	Type     *named
}

// grantPeriod is an implementation period of a grant.
type grantPeriod struct {
	ID, Code, Title text
	// PeriodFrom and PeriodTo are the years of its grant cycle ("2023", "2025"),
	// not its own: the data explorer selects cycles by them.
	PeriodFrom, PeriodTo text
	Grant                *grantRow
}

type grantRow struct {
	Code, Title           text
	GeographyID           text
	ActivityAreaID        text
	ActivityIdentifier    text `json:"iatI_ActivityIdentifier"` // [sic]
	Geography             *place
	ActivityArea          *area
	PrincipalRecipient    *named
	ImplementationPeriods []grantPeriod
}

// lookups resolve the ids of lines. What they do not know stays unknown.
type lookups struct {
	areas   map[text]*area
	costs   map[text]text // names of cost categories, by hierarchyId: their id is another
	places  map[text]*place
	periods map[text]*grantPeriod // by id, and by code
	donors  map[text]*donorRow
}

func newLookups() *lookups {
	return &lookups{
		areas: map[text]*area{}, costs: map[text]text{}, places: map[text]*place{},
		periods: map[text]*grantPeriod{}, donors: map[text]*donorRow{},
	}
}

// read adds one page of a list. A page that cannot be read is a problem: lines
// lose the names it holds.
func (k *lookups) read(ctx context.Context, d fetch.Document, out extractors.Sink) error {
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	reject := func(locator, reason string) error {
		return out.Reject(extractors.Problem{Document: d.SHA256, Locator: locator, Reason: reason})
	}
	_, wrong, err := readPage(ctx, f, func(n int, row json.RawMessage) error {
		if err := k.add(d.Role, row); err != nil {
			return reject(fmt.Sprintf("/value/%d", n), "not a name of the list: "+err.Error())
		}
		return nil
	})
	if err == nil && wrong != nil {
		err = reject(wrong.locator, wrong.reason)
	}
	return err
}

func (k *lookups) add(role string, row json.RawMessage) error {
	switch role {
	case roleAreas:
		var a area
		if err := json.Unmarshal(row, &a); err != nil {
			return err
		}
		k.areas[a.ID] = &a
	case roleCategories:
		var c struct{ HierarchyID, Name text }
		if err := json.Unmarshal(row, &c); err != nil {
			return err
		}
		k.costs[c.HierarchyID] = c.Name
	case roleGeographies:
		var p place
		if err := json.Unmarshal(row, &p); err != nil {
			return err
		}
		k.places[p.ID] = &p
	case roleDonors:
		var d donorRow
		if err := json.Unmarshal(row, &d); err != nil {
			return err
		}
		k.donors[d.ID] = &d
	case roleGrants:
		var g grantRow
		if err := json.Unmarshal(row, &g); err != nil {
			return err
		}
		for _, p := range g.ImplementationPeriods {
			p.Grant = &g
			k.periods[p.ID], k.periods[p.Code] = &p, &p
		}
	}
	return nil
}

// join ties the lists together, once all are read.
func (k *lookups) join() {
	delete(k.areas, "")
	delete(k.costs, "")
	delete(k.places, "")
	delete(k.periods, "")
	delete(k.donors, "")
	for _, a := range k.areas {
		if a.Parent == nil {
			a.Parent = k.areas[a.ParentID]
		}
	}
	for _, p := range k.periods {
		g := p.Grant
		if g.Geography == nil {
			g.Geography = k.places[g.GeographyID]
		}
		if g.ActivityArea == nil {
			g.ActivityArea = k.areas[g.ActivityAreaID]
		}
	}
}

// resolve fills what a line says by id only.
func (k *lookups) resolve(r *row) {
	if a := k.areas[r.ActivityAreaID]; a != nil {
		r.ActivityArea = a // has all its parents
	}
	if r.FinancialCategory == nil {
		if name := k.costs[r.FinancialCategoryID]; name != "" {
			r.FinancialCategory = &named{name}
		}
	}
	if r.Donor == nil {
		if r.Donor = k.donors[r.ProviderRecordID]; r.Donor == nil {
			r.Donor = k.donors[r.RecordID]
		}
	}
	r.period = k.periods[r.RecordID]
	if p := r.ImplementationPeriod; p != nil && p.Code != "" {
		r.period = k.periods[p.Code]
	}
}

// maxDepth is more than the framework has levels; it ends what leads back to itself.
const maxDepth = 12

// framework reads component, module and intervention from an activity area and
// its parents: by their types where given, else the parent of an intervention
// is its module and that one's parent the component.
func (a *area) framework() (component, module, intervention text) {
	for depth := 0; a != nil && depth < maxDepth; a, depth = a.Parent, depth+1 {
		switch {
		case strings.EqualFold(string(a.Type), "Component"):
			return a.Name, module, intervention
		case strings.EqualFold(string(a.Type), "Module"):
			module = a.Name
		case intervention == "" && module == "":
			intervention = a.Name
		case a.Type != "" && module == "":
			// a group of interventions below the module
		case module == "":
			module = a.Name
		default:
			return a.Name, module, intervention
		}
	}
	return "", module, intervention
}
