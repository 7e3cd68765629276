package transforms

import "hrinvest/extractors"

// Tiers of a flow: how far the money is on its way. Dollars that are seen at
// several tiers are one dollar.
const (
	tierToIntermediary = "donor_to_intermediary"   // to a fund or agency that passes it on
	tierToCountry      = "donor_to_country"        // from a government straight to recipients
	tierOnward         = "intermediary_to_country" // from a fund, agency or foundation to recipients
	tierImplementer    = "implementer"             // spent by whoever carries the work out
	tierDomestic       = "domestic"                // a country's own
	tierUnknown        = "unknown"
)

// stepTier says at which tier a flow was seen, from its kind and its parties.
func stepTier(o *Organisations) Step {
	return each(func(r *Row) { r.Tier = tierOf(r, o) })
}

func tierOf(r *Row, o *Organisations) string {
	switch {
	case r.flagged(flagCore):
		return tierToIntermediary
	case r.Domestic, r.FunderType == "domestic_public":
		return tierDomestic
	}
	switch r.D.Kind {
	case extractors.Expenditure, extractors.Contract:
		return tierImplementer
	case extractors.Incoming, extractors.IncomingCommitment:
		return tierToIntermediary
	}
	for _, p := range r.D.Parties {
		if p.Role == extractors.Receiver {
			if org, _ := o.find(p); org.kind == "multilateral" && org.id != r.FunderID {
				return tierToIntermediary
			}
		}
	}
	switch {
	case r.FunderType == "multilateral", r.FunderType == "philanthropic", r.Channel != "":
		return tierOnward
	case r.FunderType == "bilateral":
		return tierToCountry
	}
	return tierUnknown
}
