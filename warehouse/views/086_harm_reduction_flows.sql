-- harm_reduction_flows: the flows behind harm_reduction, one row per definition and flow.
-- @column definition  core-3, comprehensive-9, who-2022, hri or broad (definitions).
-- @column flow_id  The flow (flows).
-- @column disclosure_id  The statement it was made from (disclosures).
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...
-- @column funder  Financing entity.
-- @column funder_group  What it counts as.
-- @column funder_type  domestic_public, bilateral, multilateral, philanthropic, private, unknown.
-- @column money_source  Class of the financing entity.
-- @column intervention_group  Group of interventions (intervention_groups).
-- @column intervention  What the money buys (interventions).
-- @column measure  spent, disbursed or budgeted.
-- @column kind  Kind of money.
-- @column source  Source id.
-- @column activity_id  Publisher's identifier of the activity.
-- @column usd  Nominal US dollars; null when no rate is known.
-- @column usd_constant  Constant US dollars of the release's base year.
-- @column amount  The flow's own money in currency.
-- @column currency  ISO 4217.
-- @column community_led  Whether a community-led organisation implements it; null when the source does not say.
CREATE VIEW harm_reduction_flows AS
SELECT d.definition, b.*
FROM best_flows b
JOIN definitions d ON d.intervention = b.intervention;
