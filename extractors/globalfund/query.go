package globalfund

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// The interface, version 4.2. Versions retire with 403, hosts move with 301:
// https://data-service.theglobalfund.org/v4.2/odata/ leads here.
const (
	base     = "https://fetch.theglobalfund.org/v4.2/odata/"
	probeURL = base + "DatasetInformation"
)

// pageRows is how many rows are asked for at once: 50,000 and more are answered
// with an empty list, as public clients found.
const pageRows = 5000

// mostPages ends an answer that does not: twice the whole of the interface.
const mostPages = 500

// dataset is one list of the interface.
type dataset struct {
	role       string
	set        string   // entity set
	key        string   // what identifies a row; pages are ordered by it, or they repeat and miss rows
	stamps     []string // whose lastUpdated it changes with, in DatasetInformation
	indicators []string // that its lines may have
	where      string   // further filter
	fields     string
	expand     string // at most two levels: the usual limit of such servers
}

// Names and filters are those of the Global Fund's own data explorer
// (https://github.com/globalfund/data-explorer-server, src/config/mapping); ids
// are resolved as https://github.com/TAFMeijer/budget-oracle-demo does. Lists of
// names without a stamp of their own change with the lines that refer to them.
var datasets = [...]dataset{
	{
		role: roleAnswer, set: "allFinancialIndicators", key: "financialIndicatorId",
		stamps: []string{"GrantBudget_ReferenceRate"}, indicators: []string{"Budget - Reference Rate"},
		where:  "financialDataSet eq 'GrantBudget_ReferenceRate' and isLatestReported eq true",
		fields: lineFields + ",activityAreaId,financialCategoryId,isLatestReported,plannedAmountCurrency,plannedAmount",
		expand: expandPeriod,
	},
	{
		role: roleDisbursements, set: "allFinancialIndicators", key: "financialIndicatorId",
		stamps: []string{"Disbursement_ReferenceRate"}, indicators: []string{"Disbursement Amount - Reference Rate"},
		where:  "financialDataSet eq 'Disbursement_ReferenceRate'",
		fields: lineFields + ",transactionDate,valueDate,startDate,endDate,actualAmountCurrency,actualAmount",
		expand: expandPeriod,
	},
	{
		role: roleExpenditure, set: "allFinancialIndicators", key: "financialIndicatorId",
		stamps: []string{"Expenditure_Intervention_ReferenceRate"}, indicators: []string{"Expenditure: Module-Intervention - Reference Rate"},
		where: "financialDataSet eq 'Expenditure_Intervention_ReferenceRate' and isLatestReported eq true",
		fields: lineFields + ",activityAreaId,financialCategoryId,isLatestReported,transactionDate,valueDate,startDate,endDate," +
			"actualAmountCurrency,actualAmount,actualAmountCumulative,plannedAmountCumulative",
		expand: expandPeriod,
	},
	{
		role: roleAllocations, set: "allFinancialIndicators", key: "financialIndicatorId",
		stamps: []string{"CommunicatedAllocation_ReferenceRate"}, indicators: []string{"Communicated Allocation - Reference Rate"},
		where:  "financialDataSet eq 'CommunicatedAllocation_ReferenceRate'",
		fields: lineFields + ",activityAreaId,actualAmountCurrency,actualAmount",
		expand: "activityArea($select=name,type),geography($select=code,name)",
	},
	{
		role: rolePledges, set: "allFinancialIndicators", key: "financialIndicatorId",
		stamps: []string{"Pledges_Contributions"}, indicators: []string{"Pledge - Reference Rate", "Contribution - Reference Rate"},
		where:  "financialDataSet eq 'Pledges_Contributions'",
		fields: lineFields + ",providerRecordId,transactionDate,valueDate,plannedAmountCurrency,plannedAmount,actualAmountCurrency,actualAmount",
		expand: "donor($select=name;$expand=type($select=name))",
	},
	{
		role: roleGrants, set: "Grants", key: "id", stamps: []string{"Grants"},
		fields: "id,code,title,geographyId,activityAreaId,iatI_ActivityIdentifier",
		expand: "implementationPeriods($select=id,code,title,periodStartDate,periodEndDate,periodFrom,periodTo),principalRecipient($select=name)",
	},
	{role: roleGeographies, set: "Geographies", key: "id", stamps: []string{"Geography"}, fields: "id,code,isO2,level,name,parentId"},
	{
		role: roleAreas, set: "ActivityAreas", key: "id",
		stamps: []string{"GrantBudget_ReferenceRate", "Expenditure_Intervention_ReferenceRate"}, fields: "id,type,name,parentId",
	},
	{
		role: roleCategories, set: "FinancialCategories", key: "hierarchyId",
		stamps: []string{"GrantBudget_ReferenceRate", "Expenditure_Intervention_ReferenceRate"}, fields: "hierarchyId,id,name,type,parentId",
	},
	{role: roleDonors, set: "Donors", key: "id", stamps: []string{"Pledges_Contributions"}, fields: "id,name", expand: "type($select=name)"},
}

const (
	lineFields   = "financialIndicatorId,indicatorName,financialDataSet,recordId,periodCovered,periodFrom,periodTo"
	expandPeriod = "implementationPeriod($select=code,title,periodFrom,periodTo;$expand=grant($select=code))"
)

// address asks for the rows of a list from skip on.
func (d dataset) address(top, skip int) string {
	var filter []string
	switch len(d.indicators) {
	case 0:
	case 1:
		filter = append(filter, "indicatorName eq '"+d.indicators[0]+"'")
	default:
		filter = append(filter, "indicatorName in ('"+strings.Join(d.indicators, "','")+"')")
	}
	if d.where != "" {
		filter = append(filter, d.where)
	}
	var q strings.Builder
	add := func(option, value string) {
		if value != "" {
			fmt.Fprintf(&q, "%s=%s&", option, strings.ReplaceAll(url.QueryEscape(value), "+", "%20"))
		}
	}
	add("$count", "true")
	add("$filter", strings.Join(filter, " and "))
	add("$select", d.fields)
	add("$expand", d.expand)
	add("$orderby", d.key)
	return fmt.Sprintf("%s%s?%s$top=%d&$skip=%d", base, d.set, q.String(), top, skip)
}

// firstPage ends the address of a list's first page.
const firstPage = "&$skip=0"

// version is the edition of a list: the stamps it changes with. "": none is known.
func (d dataset) version(stamps map[string]string) string {
	var known []string
	for _, name := range d.stamps {
		if s := stamps[name]; s != "" {
			known = append(known, s)
		}
	}
	return strings.Join(known, " ")
}

// kindOf says what kind of money the lines of an indicator are. All are US
// dollars at the reference rate; other indicators say the same money in others.
func kindOf(indicator string) (extractors.Kind, bool) {
	switch indicator {
	case "Budget - Reference Rate":
		return extractors.Budget, true
	case "Disbursement Amount - Reference Rate":
		return extractors.Disbursement, true
	case "Expenditure: Module-Intervention - Reference Rate":
		return extractors.Expenditure, true
	case "Communicated Allocation - Reference Rate":
		return extractors.Allocation, true
	case "Pledge - Reference Rate":
		return extractors.Pledge, true
	case "Contribution - Reference Rate":
		return extractors.Incoming, true
	}
	return "", false
}

// roleOfIndicator is the role of a page whose lines have an indicator.
func roleOfIndicator(indicator string) string {
	for _, d := range datasets {
		if slices.Contains(d.indicators, indicator) {
			return d.role
		}
	}
	return ""
}

// roleOfSet is the role of a list of names, by its entity set.
func roleOfSet(set string) string {
	for _, d := range datasets {
		if len(d.indicators) == 0 && strings.EqualFold(d.set, set) {
			return d.role
		}
	}
	return ""
}

// interfaceRole says whether a role is played by pages of the interface.
func interfaceRole(role string) bool {
	return slices.ContainsFunc(datasets[:], func(d dataset) bool { return d.role == role })
}

// isNames says whether a role is played by a list of names, which states no money.
func isNames(role string) bool {
	return slices.ContainsFunc(datasets[:], func(d dataset) bool { return d.role == role && len(d.indicators) == 0 })
}
