package oecdcrs

import "slices"

// coded are the fields that hold a code or a year.
var coded = [fields]bool{
	year: true, donor: true, agency: true, recipient: true, flow: true, biMulti: true, category: true, finance: true,
	purpose: true, channel: true, parentChannel: true, multiplier: true,
}

// free are the fields in which people write what they like.
var free = [fields]bool{channelReported: true, short: true, title: true, long: true}

// cell is what a document says in a field.
func cell(f field, text []byte) string {
	s := clean(text)
	switch {
	case s == notApplicable:
		return ""
	case coded[f]:
		return code(s)
	case free[f]:
		return withoutContacts(s)
	}
	return s
}

// notApplicable is how the interface says that there is nothing to say.
const notApplicable = "_Z"

// twoSums: a row states a commitment and a disbursement.
const twoSums field = -1

// consider decides whether a row is in scope and keeps it if so. get reads a
// field of it; fields that are not needed to decide are read last. sum is the
// field that the amount of a row with one sum belongs to, or twoSums.
func (d *document) consider(part string, number int, get func(field) string, sum field) error {
	r := row{part: part, number: number}
	r.cells[purpose] = get(purpose)
	switch d.tables.scope.rule([]byte(r.cells[purpose])) {
	case outside:
		d.skip(skipPurpose)
		return nil
	case byWords:
		if !d.layout.hasTexts() {
			d.skip(skipNoTexts)
			return nil
		}
		for _, f := range texts {
			if d.layout.has(f) {
				r.cells[f] = get(f)
			}
		}
		if !d.searched(&r.cells) {
			d.skip(skipWords)
			return nil
		}
		r.byWords = true
	}
	for f := range field(fields) {
		if f != purpose && d.layout.has(f) && (!r.byWords || !slices.Contains(texts[:], f)) {
			r.cells[f] = get(f)
		}
	}
	if sum != twoSums {
		r.cells[sum] = r.cells[amount]
	}
	return d.keep(&r)
}
