package transforms

import "github.com/apache/arrow/go/v17/arrow"

// Types of the contract. Money has six decimals: no published currency needs
// more, and what is published with more is rounded half-even and flagged.
var (
	typeMoney = &arrow.Decimal128Type{Precision: 24, Scale: 6}
	typeShare = &arrow.Decimal128Type{Precision: 18, Scale: 12}
	typeRate  = &arrow.Decimal128Type{Precision: 28, Scale: 12}
	typeText  = arrow.BinaryTypes.String
	typeDate  = arrow.FixedWidthTypes.Date32
	typeYear  = arrow.PrimitiveTypes.Int32
	typeBool  = arrow.FixedWidthTypes.Boolean
)

func column(name string, t arrow.DataType, doc string) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: true, Metadata: arrow.MetadataFrom(map[string]string{"doc": doc})}
}

func table(name, doc string, fields ...arrow.Field) *arrow.Schema {
	md := arrow.MetadataFrom(map[string]string{"name": name, "doc": doc})
	return arrow.NewSchema(fields, &md)
}

// FlowSchema is the contract of the table flows. Documentation is generated
// from its field metadata.
var FlowSchema = table("flows",
	"One row per disclosure x country x sector x intervention x period slice: a statement about money, understood.",
	column("flow_id", typeText, "Stable across downloads: hash of source, publisher's key, kind, period, currency, published amount, ordinal among identical ones, split path."),
	column("disclosure_id", typeText, "The statement this row was made from (disclosures)."),
	column("source", typeText, "Source id (sources)."),
	column("publisher", typeText, "Who published the statement."),
	column("activity_id", typeText, "Publisher's identifier of the activity, grant or project."),
	column("title", typeText, "Title of the activity as published; withheld where implementers are."),
	column("origin", typeText, "live, given or bundled (compiled by this project from cited facts)."),
	column("kind", typeText, "pledge, allocation, commitment, budget, planned_disbursement, disbursement, expenditure, contract, reimbursement (signed as published), incoming, incoming_commitment, other. Kinds are never added together."),
	column("funder", typeText, "The financing entity: not the agent that buys."),
	column("funder_id", typeText, "Stable id of the funder where one is known."),
	column("funder_type", typeText, "domestic_public, bilateral, multilateral, philanthropic, private, unknown."),
	column("funder_group", typeText, "The financing entity the funder counts as: agencies of one government are one (its alpha-3 code), any other funder is its own. Sources that name it differently state one flow."),
	column("tier", typeText, "How far the money is on its way: donor_to_intermediary, donor_to_country, intermediary_to_country, implementer, domestic, unknown."),
	column("channel", typeText, "Intermediary between funder and implementer."),
	column("implementer", typeText, "Who carries the work out; withheld in countries of withhold.csv."),
	column("community_led", typeBool, "Whether the source marks the implementer as community-led; null: not stated."),
	column("country", typeText, "ISO 3166-1 alpha-3, XKX for Kosovo; null when regional, several or unknown."),
	column("countries", typeText, "All countries named, alpha-3, blank-separated, alphabetical."),
	column("region", typeText, "Region as understood (areas), or as published."),
	column("period_start", typeDate, "First day of the period or transaction date; null when no period was published."),
	column("period_end", typeDate, "Last day, inclusive."),
	column("year", typeYear, "Year of the transaction date or period in year_basis; null when none was published, never inferred from a grant cycle."),
	column("value_year", typeYear, "Calendar year of the value date."),
	column("year_basis", typeText, "calendar, us_fiscal (ends 30 September of the year), ..."),
	column("cycle", typeText, "Grant cycle as published (GC7): multi-year, never annual."),
	column("activity_start", typeDate, "First day of the activity as its publisher gives it: the actual one, else the planned; null when none is given. It dates no money."),
	column("activity_end", typeDate, "Last day of the activity, likewise: what ends when."),
	column("amount", typeMoney, "This row's own money in currency, signed as published."),
	column("currency", typeText, "ISO 4217."),
	column("share", typeShare, "This row's share of the statement's amount."),
	column("split_basis", typeText, "What split the statement: none, or a list of country, region, sector, budget_items, period, parts, remainder."),
	column("usd", typeMoney, "Nominal US dollars at the period's rate; null when no rate is known."),
	column("usd_constant", typeMoney, "US dollars in the prices of price_year; null where no deflator covers the funder (or, of domestic money, the country) and the year."),
	column("price_year", typeYear, "Year whose prices usd_constant is in."),
	column("deflator", typeText, "What made usd_constant: dac:AREA (OECD DAC deflator of the funder's country, DAC for all donors), wb:COUNTRY or imf:COUNTRY (average rate and GDP deflator of the country); with :YEAR where a value date of another year than the row's set the rate."),
	column("rate", typeRate, "Units of currency per US dollar used for usd."),
	column("rate_date", typeDate, "Date the rate was published for."),
	column("rate_source", typeText, "Series the rate comes from (observations): fx_un, fx_ecb, fx_wb, fx_dac, or usd; OLD/NEW behind it where a currency was replaced."),
	column("sector", typeText, "DAC 5-digit purpose code."),
	column("sector_other", typeText, "Sectors of other vocabularies as vocabulary:code, blank-separated; they never split money."),
	column("intervention", typeText, "What the money buys (interventions)."),
	column("population", typeText, "pwid, key_populations, general, ... as classified."),
	column("setting", typeText, "community, prison, clinic, ...; null: not stated."),
	column("hiv", typeBool, "Whether the money belongs to the HIV response; null: unknown."),
	column("budget_home", typeText, "hiv, narcology, hepatitis, prison, insurance, unknown."),
	column("budget_stage", typeText, "planned or revised, for budgets."),
	column("basis", typeText, "cash, accrual, unknown."),
	column("hr_method", typeText, "How intervention was decided: reported, apportioned, text_inferred, expert, none."),
	column("hr_rule", typeText, "Ids of the rules that decided it, joined by + (rules): a correction, a crosswalk row, budget items, the words that count, the share of a grant."),
	column("confidence", typeText, "high, medium, low."),
	column("hr_share_low", typeShare, "Share of harm reduction by the narrowest definition (core-3), on rows not split by intervention only (hiv_other, unspecified_pwid); feeds estimates, never multiplied into sums."),
	column("hr_share", typeShare, "The same by Harm Reduction International's definition (hri); null: unknown. Of Global Fund grants it is the share of the grant's budget."),
	column("hr_share_high", typeShare, "The same by the widest definition (broad)."),
	column("status", typeText, "reported or imputed."),
	column("flags", typeText, "Blank-separated marks: what was rebased, rounded, defaulted, or looks odd."),
	column("counted", typeBool, "Recipient view: true when this row counts in country totals, so that each dollar counts once."),
	column("excluded_by", typeText, "Rule that excludes it from the recipient view; null when counted."),
	column("counted_donor", typeBool, "Donor view: true when this row counts in donor totals."),
	column("excluded_by_donor", typeText, "Rule that excludes it from the donor view."),
	column("stands_for", typeText, "flow_id that counts instead of this row, when exactly one does."),
	column("stands_for_group", typeText, "Group of flows that counts instead of this row."),
)

// DisclosureSchema is the contract of the table disclosures.
var DisclosureSchema = table("disclosures",
	"One row per statement about money as published. The amounts of a loaded disclosure's flows sum to amount_published exactly.",
	column("disclosure_id", typeText, "Stable across downloads."),
	column("source", typeText, "Source id."),
	column("publisher", typeText, "Who published it."),
	column("document_sha256", typeText, "Document the statement stands in (documents)."),
	column("locator", typeText, "Place in the document: XPath, JSON pointer, sheet!cell, row."),
	column("url", typeText, "Address to cite."),
	column("origin", typeText, "live, given, bundled."),
	column("activity_id", typeText, "Publisher's identifier of the activity."),
	column("title", typeText, "Title as published."),
	column("kind", typeText, "Kind of money."),
	column("amount_published", typeMoney, "Amount as published, rounded half-even to six decimals; null when it is no number."),
	column("currency", typeText, "ISO 4217, as published or the document's default."),
	column("part_of", typeText, "disclosure_id of the whole this statement is a part of."),
	column("raw", typeText, "JSON of the quoted fields, personal data removed."),
	column("outcome", typeText, "loaded, out_of_scope, rejected."),
	column("problem", typeText, "Why it was rejected or is out of scope."),
	column("problem_ru", typeText, "The same in Russian where the source gives it."),
)

// ObservationSchema is the contract of the table observations.
var ObservationSchema = table("observations",
	"One row per published value that is not a flow of money: a rate, a deflator, a population, a coverage, a need, a published ratio.",
	column("indicator", typeText, "Indicator id (indicators)."),
	column("area", typeText, "ISO 3166-1 alpha-3, region id, or ISO 4217 currency for rates."),
	column("subgroup", typeText, "Population or breakdown; null: total."),
	column("year", typeYear, "Year of the value."),
	column("period_start", typeDate, "First day the value holds for."),
	column("period_end", typeDate, "Last day, inclusive."),
	column("value", typeRate, "The value; null when none was published."),
	column("low", typeRate, "Lower bound as published."),
	column("high", typeRate, "Upper bound as published."),
	column("value_text", typeText, "What was written where it is not a plain number ('nk', '<1%')."),
	column("unit", typeText, "Unit of value."),
	column("status", typeText, "reported, imputed, or a word for absence: zero, not_reported, not_applicable, unknown."),
	column("source", typeText, "Source id."),
	column("document_sha256", typeText, "Document it stands in."),
	column("locator", typeText, "Place in the document."),
	column("url", typeText, "Address to cite."),
	column("note", typeText, "What a reader must know: definition, break in series, basis."),
	column("origin", typeText, "live, given, bundled."),
)
