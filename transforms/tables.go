package transforms

import (
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

// What a row of each table is written from.
type (
	flow struct {
		s *SourceSink
		*Row
	}
	disclosed struct {
		s                  *SourceSink
		row                *Row
		d                  *extractors.Disclosure
		amount             Decimal
		hasAmount          bool
		withheld           bool
		partOf             string
		outcome            string
		problem, problemRU string
	}
	observed struct {
		s *SourceSink
		o *extractors.Observation
		g *Gazetteer

		withheld bool // note and address
	}
)

func (f *flow) doc() fetch.Document      { return f.s.docs[f.D.Document] }
func (d *disclosed) doc() fetch.Document { return d.s.docs[d.d.Document] }

// publisher is who published a statement: the reporting organisation where the
// document names one (an IATI file) that may be named, else the source's publisher.
func publisher(s *SourceSink, r *Row) string {
	if r.publisherWithheld {
		return s.info.Publisher
	}
	for _, p := range r.D.Parties {
		if p.Role == extractors.Reporting && p.Name != "" {
			return p.Name
		}
	}
	return s.info.Publisher
}

// unique says which texts differ from row to row. The others are stored once per
// batch.
func unique(column string) bool {
	switch column {
	case "flow_id", "disclosure_id", "locator", "raw":
		return true
	}
	return false
}

func text[T any](get func(*T) string) func(array.Builder, *T) {
	return func(b array.Builder, v *T) { putText(b, get(v)) }
}

// quote appends bytes that no other row shares.
func quote[T any](get func(*T) []byte) func(array.Builder, *T) {
	return func(b array.Builder, v *T) {
		switch raw := get(v); {
		case len(raw) == 0:
			b.AppendNull()
		case utf8.Valid(raw) && !plaintext.HasMail(raw):
			b.(*array.StringBuilder).BinaryBuilder.Append(raw)
		default:
			b.(*array.StringBuilder).Append(plaintext.WithoutMail(valid(string(raw))))
		}
	}
}

func date[T any](get func(*T) Date) func(array.Builder, *T) {
	return func(b array.Builder, v *T) {
		if d := get(v); d != NoDate {
			b.(*array.Date32Builder).Append(arrow.Date32(d))
			return
		}
		b.AppendNull()
	}
}

func year[T any](get func(*T) int32) func(array.Builder, *T) {
	return func(b array.Builder, v *T) {
		if y := get(v); y != 0 {
			b.(*array.Int32Builder).Append(y)
			return
		}
		b.AppendNull()
	}
}

func decimal[T any](get func(*T) (Decimal, bool)) func(array.Builder, *T) {
	return func(b array.Builder, v *T) {
		if d, ok := get(v); ok {
			b.(*array.Decimal128Builder).Append(d)
			return
		}
		b.AppendNull()
	}
}

func boolean[T any](get func(*T) *bool) func(array.Builder, *T) {
	return func(b array.Builder, v *T) {
		if p := get(v); p != nil {
			b.(*array.BooleanBuilder).Append(*p)
			return
		}
		b.AppendNull()
	}
}

func share[T any](get func(*T) *uint64) func(array.Builder, *T) {
	return decimal(func(v *T) (Decimal, bool) {
		p := get(v)
		if p == nil {
			return Decimal{}, false
		}
		return decimalOf(*p), true
	})
}

// orElse gives a column that must not be empty its word.
func orElse(s, word string) string {
	if s == "" {
		return word
	}
	return s
}

func is(b bool) *bool { return &b }

// flowColumns says where each column of FlowSchema comes from.
var flowColumns = columns[flow]{
	"flow_id":           text(func(f *flow) string { return f.flowID }),
	"disclosure_id":     text(func(f *flow) string { return f.disclosureID }),
	"source":            text(func(f *flow) string { return f.s.info.ID }),
	"publisher":         text(func(f *flow) string { return publisher(f.s, f.Row) }),
	"activity_id":       text(func(f *flow) string { return f.ActivityID }),
	"title":             text(func(f *flow) string { return f.Title }),
	"origin":            text(func(f *flow) string { return string(f.doc().Origin) }),
	"kind":              text(func(f *flow) string { return string(f.D.Kind) }),
	"funder":            text(func(f *flow) string { return f.Funder }),
	"funder_id":         text(func(f *flow) string { return f.FunderID }),
	"funder_type":       text(func(f *flow) string { return orElse(f.FunderType, "unknown") }),
	"funder_group":      text(func(f *flow) string { return f.FunderGroup }),
	"tier":              text(func(f *flow) string { return f.Tier }),
	"channel":           text(func(f *flow) string { return f.Channel }),
	"implementer":       text(func(f *flow) string { return f.Implementer }),
	"community_led":     boolean(func(f *flow) *bool { return boolOf(f.D.CommunityLed) }),
	"country":           text(func(f *flow) string { return f.Country }),
	"countries":         text(func(f *flow) string { return f.Countries }),
	"region":            text(func(f *flow) string { return f.Region }),
	"period_start":      date(func(f *flow) Date { return f.Start }),
	"period_end":        date(func(f *flow) Date { return f.End }),
	"year":              year(func(f *flow) int32 { return f.Year }),
	"value_year":        year(func(f *flow) int32 { return f.ValueYear }),
	"year_basis":        text(func(f *flow) string { return orElse(f.D.YearBasis, "calendar") }),
	"cycle":             text(func(f *flow) string { return f.D.Cycle }),
	"activity_start":    date(func(f *flow) Date { return f.Starts }),
	"activity_end":      date(func(f *flow) Date { return f.Ends }),
	"amount":            decimal(func(f *flow) (Decimal, bool) { return f.Amount, true }),
	"currency":          text(func(f *flow) string { return f.Currency }),
	"share":             share(func(f *flow) *uint64 { return &f.Share }),
	"split_basis":       text(func(f *flow) string { return orElse(f.Split, "none") }),
	"usd":               decimal(func(f *flow) (Decimal, bool) { return f.USD, f.HasUSD }),
	"usd_constant":      decimal(func(f *flow) (Decimal, bool) { return f.USDConstant, f.PriceYear != 0 }),
	"price_year":        year(func(f *flow) int32 { return f.PriceYear }),
	"deflator":          text(func(f *flow) string { return f.Deflator }),
	"rate":              decimal(func(f *flow) (Decimal, bool) { return f.Rate, f.HasUSD }),
	"rate_date":         date(func(f *flow) Date { return f.RateDate }),
	"rate_source":       text(func(f *flow) string { return f.RateSource }),
	"sector":            text(func(f *flow) string { return f.Sector }),
	"sector_other":      text(func(f *flow) string { return f.SectorOther }),
	"intervention":      text(func(f *flow) string { return orElse(f.Intervention, "none") }),
	"population":        text(func(f *flow) string { return f.Population }),
	"setting":           text(func(f *flow) string { return f.Setting }),
	"hiv":               boolean(func(f *flow) *bool { return f.HIV }),
	"budget_home":       text(func(f *flow) string { return orElse(f.D.BudgetHome, "unknown") }),
	"budget_stage":      text(func(f *flow) string { return f.D.BudgetStage }),
	"basis":             text(func(f *flow) string { return orElse(f.D.Basis, "unknown") }),
	"hr_method":         text(func(f *flow) string { return orElse(f.Method, methodNone) }),
	"hr_rule":           text(func(f *flow) string { return f.Rule }),
	"confidence":        text(func(f *flow) string { return f.Confidence }),
	"hr_share_low":      share(func(f *flow) *uint64 { return f.HRShareLow }),
	"hr_share":          share(func(f *flow) *uint64 { return f.HRShare }),
	"hr_share_high":     share(func(f *flow) *uint64 { return f.HRShareHigh }),
	"status":            text(func(f *flow) string { return f.Status }),
	"flags":             text(func(f *flow) string { return f.Flags }),
	"counted":           boolean(func(f *flow) *bool { return is(f.ExcludedBy == "") }),
	"excluded_by":       text(func(f *flow) string { return f.ExcludedBy }),
	"counted_donor":     boolean(func(f *flow) *bool { return is(f.ExcludedByDonor == "") }),
	"excluded_by_donor": text(func(f *flow) string { return f.ExcludedByDonor }),
	"stands_for":        text(func(f *flow) string { return f.standsFor }),
	"stands_for_group":  text(func(f *flow) string { return f.StandsForGroup }),
}

// disclosureColumns says where each column of DisclosureSchema comes from.
var disclosureColumns = columns[disclosed]{
	"disclosure_id":    text(func(d *disclosed) string { return d.row.disclosureID }),
	"source":           text(func(d *disclosed) string { return d.s.info.ID }),
	"publisher":        text(func(d *disclosed) string { return publisher(d.s, d.row) }),
	"document_sha256":  text(func(d *disclosed) string { return d.d.Document }),
	"locator":          text(func(d *disclosed) string { return d.d.Locator }),
	"url":              text(func(d *disclosed) string { return d.url() }),
	"origin":           text(func(d *disclosed) string { return string(d.doc().Origin) }),
	"activity_id":      text(func(d *disclosed) string { return d.row.ActivityID }),
	"title":            text(func(d *disclosed) string { return d.row.Title }),
	"kind":             text(func(d *disclosed) string { return string(d.d.Kind) }),
	"amount_published": decimal(func(d *disclosed) (Decimal, bool) { return d.amount, d.hasAmount }),
	"currency":         text(func(d *disclosed) string { return orElse(d.row.Currency, d.d.Currency) }),
	"part_of":          text(func(d *disclosed) string { return d.partOf }),
	"raw":              quote(func(d *disclosed) []byte { return d.row.Raw }),
	"outcome":          text(func(d *disclosed) string { return d.outcome }),
	"problem":          text(func(d *disclosed) string { return d.problem }),
	"problem_ru":       text(func(d *disclosed) string { return d.problemRU }),
}

// url is the address to cite: nothing for a withheld statement.
func (d *disclosed) url() string {
	if d.withheld {
		return ""
	}
	return plaintext.WithoutMailURL(orElse(d.d.URL, d.doc().URL))
}

func observedNumber(get func(*extractors.Observation) string) func(array.Builder, *observed) {
	return decimal(func(v *observed) (Decimal, bool) {
		d, _, err := ParseDecimal(get(v.o), RateScale)
		return d, err == nil
	})
}

func observedDate(get func(*extractors.Observation) string) func(array.Builder, *observed) {
	return date(func(v *observed) Date {
		d, _ := ParseDate(get(v.o))
		return d
	})
}

// observationColumns says where each column of ObservationSchema comes from. A
// number that cannot be read leaves value null and stands in value_text.
var observationColumns = columns[observed]{
	"indicator": text(func(v *observed) string { return v.o.Indicator }),
	"area":      text((*observed).area),
	"subgroup":  text(func(v *observed) string { return v.o.Subgroup }),
	"year": year(func(v *observed) int32 {
		if y := atoi(v.o.Year); y > 0 && v.o.Year != "" {
			return int32(y)
		}
		if d, _ := ParseDate(v.o.PeriodStart); d != NoDate {
			return int32(d.Year())
		}
		return 0
	}),
	"period_start": observedDate(func(o *extractors.Observation) string { return o.PeriodStart }),
	"period_end":   observedDate(func(o *extractors.Observation) string { return o.PeriodEnd }),
	"value":        observedNumber(func(o *extractors.Observation) string { return o.Value }),
	"low":          observedNumber(func(o *extractors.Observation) string { return o.Low }),
	"high":         observedNumber(func(o *extractors.Observation) string { return o.High }),
	"value_text": text(func(v *observed) string {
		if _, _, err := ParseDecimal(v.o.Value, RateScale); err != nil && v.o.ValueText == "" {
			return v.o.Value
		}
		return v.o.ValueText
	}),
	"unit":            text(func(v *observed) string { return v.o.Unit }),
	"status":          text((*observed).status),
	"source":          text(func(v *observed) string { return v.s.info.ID }),
	"document_sha256": text(func(v *observed) string { return v.o.Document }),
	"locator":         text(func(v *observed) string { return v.o.Locator }),
	"url":             text((*observed).url),
	"note":            text(func(v *observed) string { return v.o.Note }),
	"origin":          text(func(v *observed) string { return string(v.s.docs[v.o.Document].Origin) }),
}
