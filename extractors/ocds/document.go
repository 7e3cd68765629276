package ocds

import (
	"cmp"
	"fmt"
	"regexp"

	"hrinvest/extractors/fetch"
)

// notice is one release, or one tender or contract of Prozorro's own form, and the
// process it is about.
type notice struct {
	node
	document fetch.Document
	process  string // the portal's number of the process
	ocid     string
	portal   portal
	native   bool // it is a tender of Prozorro's own form
	contract bool // it is a contract of that form
}

// fault is a part of a document that cannot be used, and why.
type fault struct{ at, why string }

// Numbers of processes. One procedure of Prozorro has releases for each of its
// lots, one of MTender for each of its stages; its number is what they share.
var (
	prozorroID = regexp.MustCompile(`UA-\d{4}-\d{2}-\d{2}-\d{6}(?:-[a-z])?`)
	prozorroOf = regexp.MustCompile(`^ocds-be6bcu-([0-9a-f]{32})(?:-[0-9a-f]{32})?$`)
	mtenderID  = regexp.MustCompile(`^ocds-b3wdp1-MD-\d+`)
	fundingID  = regexp.MustCompile(`^(ocds-b3wdp1-MD-\d+)-FS-\d+$`)
)

// processOf is the number of the process an ocid belongs to.
func processOf(ocid string) string {
	switch {
	case fundingID.MatchString(ocid):
		return ocid
	case prozorroID.MatchString(ocid):
		return prozorroID.FindString(ocid)
	case mtenderID.MatchString(ocid):
		return mtenderID.FindString(ocid)
	}
	if m := prozorroOf.FindStringSubmatch(ocid); m != nil {
		return m[1]
	}
	return ocid
}

// notices finds what a document holds, whichever of the shapes it has: a release
// package, a record package, one release, or a tender or contract as Prozorro's own
// interface gives it.
func (t *tables) notices(d fetch.Document, doc node) (list []notice, faults []fault) {
	add := func(n node, ocid string) {
		if got := n.get("ocid").text(); got != "" {
			ocid = got
		}
		switch {
		case !n.isObject():
			faults = append(faults, fault{n.at, "it is no release"})
		case ocid == "":
			faults = append(faults, fault{n.at, "the release has no ocid: which process it is about cannot be told"})
		default:
			list = append(list, t.notice(d, n, ocid))
		}
	}
	switch {
	case doc.get("releases").isList():
		for _, r := range doc.get("releases").list() {
			add(r, "")
		}
	case doc.get("records").isList():
		for _, r := range doc.get("records").list() {
			faults = append(faults, records(r, add)...)
		}
	case doc.get("tenders").isList(): // a dump of Moldova's old portal
		for _, r := range doc.get("tenders").list() {
			add(r, "")
		}
	case doc.get("ocid").text() != "":
		add(doc, "")
	case doc.get("data").isObject():
		list, faults = t.own(d, doc.get("data"))
	case doc.get("tenderID").text() != "":
		list, faults = t.own(d, doc)
	case doc.get("data").isList():
		faults = append(faults, fault{"", "it lists processes and says nothing of them: hand over their own documents"})
	case doc.get("name").text() == "Error":
		faults = append(faults, fault{"", "it is an error message of the portal"})
	default:
		faults = append(faults, fault{"", "it holds no release, record, or tender of Prozorro"})
	}
	return list, faults
}

// records gives the releases a record holds.
func records(record node, add func(release node, ocid string)) (faults []fault) {
	ocid, held, linked := record.get("ocid").text(), 0, 0
	for _, r := range record.get("releases").list() {
		if r.get("url").text() != "" && r.get("ocid").text() == "" && r.get("id").text() == "" {
			linked++
			continue
		}
		held++
		add(r, ocid)
	}
	if compiled := record.get("compiledRelease"); compiled.isObject() {
		held++
		add(compiled, ocid)
	}
	switch {
	case held > 0:
	case linked > 0:
		faults = append(faults, fault{record.at, fmt.Sprintf("the record holds no release, only links to %d: hand over the package with compiled releases", linked)})
	default:
		faults = append(faults, fault{record.at, "the record holds no release"})
	}
	return faults
}

// notice is a release.
func (t *tables) notice(d fetch.Document, n node, ocid string) notice {
	process := processOf(ocid)
	if id := prozorroID.FindString(n.get("tender", "tenderID").text()); id != "" && !prozorroID.MatchString(ocid) {
		process = id // the ocid is made of the tender's other number
	}
	return notice{node: n, document: d, process: process, ocid: ocid, portal: t.portalOf(ocid)}
}

// own is a tender or a contract as Prozorro's own interface gives it. The number of
// a contract begins with that of its tender: UA-2018-06-22-001789-a-a1.
func (t *tables) own(d fetch.Document, n node) ([]notice, []fault) {
	tender, contract := prozorroID.FindString(n.get("tenderID").text()), prozorroID.FindString(n.get("contractID").text())
	id := cmp.Or(tender, contract)
	if id == "" {
		return nil, []fault{{n.at, "it has neither a tenderID nor a contractID: which tender it is about cannot be told"}}
	}
	ocid := prozorroPrefix + id
	return []notice{{node: n, document: d, process: id, ocid: ocid, portal: t.portalOf(ocid), native: tender != "", contract: tender == ""}}, nil
}

const prozorroPrefix = "ocds-be6bcu-"
