package iati

import (
	"strings"

	"hrinvest/extractors"
)

// transactionKind maps a transaction type to a kind of money: the codes of
// version 2 (codelist TransactionType), the letters of 1.0x, and the names of
// either, which some publishers write in place of the code.
func transactionKind(code string) (extractors.Kind, bool) {
	switch strings.ToLower(strings.Join(strings.Fields(code), " ")) {
	case "1", "if", "incoming funds":
		return extractors.Incoming, true
	case "2", "c", "commitment", "commitments", "outgoing commitment":
		return extractors.Commitment, true
	case "3", "d", "disbursement", "disbursements":
		return extractors.Disbursement, true
	case "4", "e", "expenditure", "expenditures":
		return extractors.Expenditure, true
	case "7", "r", "reimbursement":
		return extractors.Reimbursement, true
	case "11", "incoming commitment":
		return extractors.IncomingCommitment, true
	case "12", "outgoing pledge":
		return extractors.Pledge, true
	case "5", "ir", "interest payment", "interest repayment",
		"6", "lr", "loan repayment",
		"8", "qp", "purchase of equity",
		"9", "qs", "sale of equity",
		"10", "cg", "credit guarantee",
		"13", "incoming pledge",
		"tb":
		return extractors.Other, true
	}
	return "", false
}

// partyRole maps the role of a participating organisation: codes of version 2,
// names of 1.0x.
func partyRole(role string) (extractors.PartyRole, bool) {
	switch strings.ToLower(role) {
	case "1", "funding":
		return extractors.Funder, true
	case "2", "accountable":
		return extractors.Accountable, true
	case "3", "extending":
		return extractors.Extending, true
	case "4", "implementing":
		return extractors.Implementing, true
	}
	return "", false
}

// budgetStage maps a budget's type; the standard takes a budget without one for
// an original.
func budgetStage(typ string) string {
	switch strings.ToLower(typ) {
	case "", "1", "original":
		return "planned"
	case "2", "revised":
		return "revised"
	}
	return ""
}

// sectorVocabulary names the vocabulary of a sector code. A publisher who names
// none, or the DAC, means the DAC's purpose codes; three digits are its
// categories, whatever the vocabulary says.
func sectorVocabulary(vocabulary, code string) string {
	switch strings.ToUpper(vocabulary) {
	case "", "1", "DAC":
		if len(code) == 3 {
			return "dac3"
		}
		return "dac"
	case "2", "DAC-3":
		return "dac3"
	}
	return numbered("iati:", vocabulary)
}

// regionVocabulary names the vocabulary of a region: "region" is the DAC's.
func regionVocabulary(vocabulary string) string {
	if vocabulary == "" || vocabulary == "1" {
		return "region"
	}
	return "region:" + vocabulary
}

// numbered puts a prefix before vocabularies that have only a number for a name.
func numbered(prefix, vocabulary string) string {
	for _, r := range vocabulary {
		if r < '0' || r > '9' {
			return vocabulary
		}
	}
	return prefix + vocabulary
}
