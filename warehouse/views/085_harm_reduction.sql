-- harm_reduction: the money of best_interventions that a definition of harm reduction includes, one row per definition, financing entity, country, year, intervention and kind. Choose one definition: the same money stands under each that includes it.
-- @column definition  core-3, comprehensive-9, who-2022, hri or broad (definitions).
-- @column money_source  Class of the financing entity: domestic_public, global_fund, pepfar, other_bilateral, multilateral, philanthropic, private, international_unspecified, unknown.
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...: years of different bases are not added.
-- @column funder  Financing entity.
-- @column funder_group  What it counts as.
-- @column funder_type  domestic_public, bilateral, multilateral, philanthropic, private, unknown.
-- @column intervention_group  Group of interventions (intervention_groups).
-- @column intervention  What the money buys (interventions).
-- @column measure  spent, disbursed or budgeted.
-- @column kind  Kind of money the measure is made of.
-- @column source  The source it is taken from.
-- @column other_sources  Sources that state money for the same group and are not added, blank-separated.
-- @column usd  Sum in nominal US dollars of the flows that have a rate; null when none has.
-- @column usd_constant  Sum in constant US dollars of the release's base year; null unless every flow of the row has it.
-- @column amount  Sum in the original currency; null when the row holds several currencies.
-- @column currency  ISO 4217 of amount.
-- @column usd_community  The part of usd that community-led organisations implement, as far as the sources say so; null when they do not.
-- @column n_flows  Flows in the row.
-- @column n_without_usd  Flows without US dollars, not in usd.
-- @column hr_methods  How interventions were decided.
-- @column confidence  Confidence levels that occur.
-- @column status  reported, imputed: which occur.
-- @column flags  Marks that occur.
-- @column origin  live, given, bundled.
CREATE VIEW harm_reduction AS
SELECT d.definition, money_source(b.funder_group, b.funder, b.funder_type) AS money_source, b.* EXCLUDE (in_hiv_total)
FROM best_interventions b
JOIN definitions d ON d.intervention = b.intervention;
