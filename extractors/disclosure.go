package extractors

// Kind is the nature of a sum of money. Kinds are never added together.
type Kind string

// The kinds of the contract. A reimbursement is signed as published (the Global
// Fund's are negative already); Other covers IATI transaction types 5, 6, 8, 9,
// 10 and 13.
const (
	Pledge              Kind = "pledge"
	Allocation          Kind = "allocation"
	Commitment          Kind = "commitment"
	Budget              Kind = "budget"
	PlannedDisbursement Kind = "planned_disbursement"
	Disbursement        Kind = "disbursement"
	Expenditure         Kind = "expenditure"
	Contract            Kind = "contract"
	Reimbursement       Kind = "reimbursement"
	Incoming            Kind = "incoming"
	IncomingCommitment  Kind = "incoming_commitment"
	Other               Kind = "other"
)

// Kinds lists every kind, in the order in which money moves.
var Kinds = [...]Kind{
	Pledge, Allocation, IncomingCommitment, Incoming, Commitment, Budget, PlannedDisbursement,
	Contract, Disbursement, Expenditure, Reimbursement, Other,
}

// Disclosure is one statement about money exactly as published. Strings are the
// publisher's; empty means "not published". Nothing is computed here but what
// inheritance inside the document demands (an IATI transaction without a
// currency takes the activity's default, and says so in Flags).
type Disclosure struct {
	Document string // sha256 of the document
	Locator  string // where in it: XPath, JSON pointer, sheet!cell, "row 17"
	URL      string // address to cite, where it differs from the document's own

	// Key is the publisher's own key for the statement, without anything that
	// changes between downloads (no row number where a better key exists, no
	// document hash). Statements that share key, kind, period, currency and
	// amount are told apart by their order.
	Key string
	// Group is the activity, grant, page or country-year the statement belongs
	// to: the unit the steps see at once. Parts and their whole share a group.
	Group string
	// PartOf is the Key of the statement this one is a part of, in the same
	// group. Nothing is added to its whole.
	PartOf string

	ActivityID string
	LinkIDs    []string // other identifiers of the same activity (a grant's implementation period, the number of a purchase)
	RelatedIDs []string // provider, receiver, parent and child activities
	Title      string
	Texts      []Text // further narratives, most specific first

	Kind     Kind
	Amount   string
	Currency string

	// Dates as published, ISO 8601 or not. Date is the transaction's; a
	// statement without Date and Period* and Year has no year, and none is
	// inferred for it.
	Date        string
	ValueDate   string
	PeriodStart string
	PeriodEnd   string // inclusive
	Year        string // "2016"; of YearBasis
	YearBasis   string // calendar (default), us_fiscal, ...
	Cycle       string // grant cycle: GC5, GC6, GC7, C19RM
	// First and last day of the activity the statement belongs to, as its
	// publisher gives them: those that came true, else those planned.
	ActivityStart, ActivityEnd string

	Parties []Party
	Places  []Share // countries (Vocabulary "iso2", "iso3", "name", "dac", "world") and regions ("region", ...)
	Sectors []Share // Vocabulary "dac" (5-digit purpose), others as named by the publisher
	Items   []Share // a grant's budget items: shares of its BUDGET by intervention

	Codes []Code // explicit classification: looked up in the crosswalk, first match wins

	Population   string
	Setting      string
	BudgetHome   string // hiv, narcology, hepatitis, prison, insurance
	BudgetStage  string // planned, revised
	Basis        string // cash, accrual
	CommunityLed string // "true", "false"
	Confidence   string // high, medium, low, as the source states
	Imputed      bool   // the publisher calls the figure an estimate

	// OutOfScope is the reason a statement is counted but not loaded; "" loads it.
	OutOfScope string
	Flags      []string
	// Raw is a JSON object of the quoted fields, personal data removed.
	Raw []byte
}

// Text is a narrative with its language ("" unknown, else a BCP 47 tag).
type Text struct {
	Lang, Text string
	// OfStatement marks words about this statement itself (a transaction's
	// description), which say more of its purpose than the activity's.
	OfStatement bool
}

// Code is an explicit classification by the publisher: a scheme of
// transforms/vocab/crosswalk.csv ("globalfund", "hrinvest", "atc", ...) and a
// code in it. Composite codes join their parts with "|".
type Code struct{ Scheme, Code string }

// Share is one entry of a published split. Percentage is as published; "" when
// none was. Name is the publisher's label.
type Share struct{ Vocabulary, Code, Name, Percentage string }

// PartyRole is what an organisation does with the money of a statement.
type PartyRole string

const (
	Funder       PartyRole = "funder"       // the financing entity
	Provider     PartyRole = "provider"     // paid this transaction
	Receiver     PartyRole = "receiver"     // was paid by it
	Accountable  PartyRole = "accountable"  // IATI role 2
	Extending    PartyRole = "extending"    // IATI role 3
	Implementing PartyRole = "implementing" // IATI role 4
	Reporting    PartyRole = "reporting"
	Channel      PartyRole = "channel" // intermediary between funder and implementer
)

// Party is an organisation as named in a statement. Type is the IATI
// organisation type code, or one of the contract's funder types.
type Party struct {
	Role            PartyRole
	Ref, Name, Type string
	ActivityID      string
	// Domestic: the country's own money, also where it is not the state's.
	Domestic bool
}

// Problem is a statement, or a whole document (Locator "/"), that cannot be
// used: data, not an error of the program.
type Problem struct {
	Document string
	Locator  string
	Reason   string // plain English: what is wrong, the value quoted
	ReasonRU string // the same in Russian where people who read Russian enter the data
	Raw      []byte // JSON object of what could be read
	// Places are those the statement names, as far as they were read: what must
	// not be named there is withheld from Reason and Raw too.
	Places  []Share
	Parties []Party // organisations, likewise
}

// Observation is one published value that is not a flow of money: a rate, a
// deflator, a population, a coverage, a need, a published ratio.
type Observation struct {
	Document string
	Locator  string
	URL      string

	Indicator string // of transforms/vocab/indicators.csv
	Area      string // ISO 3166-1 alpha-3, a region's id, or an ISO 4217 currency for rates
	AreaName  string // as published; used when Area is empty
	Subgroup  string
	Year      string
	// PeriodStart and PeriodEnd are ISO dates; for a rate, the day it holds from.
	PeriodStart, PeriodEnd string

	Value     string // decimal text; "" when the publisher wrote no number
	Low, High string
	ValueText string // what was written when it is not a plain number: "nk", "<1%"
	Unit      string
	Status    string // reported (default), zero, not_reported, not_applicable, unknown, imputed
	Note      string
	// Parties are organisations the statement names beside the value. They are
	// not published: what names them is withheld where naming can harm.
	Parties []Party
}
