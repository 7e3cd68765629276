-- best_flows: the flows behind best_interventions and best_available, one row per flow. Its sums are theirs, to the cent: the way from a number down to its statements.
-- @column flow_id  The flow (flows).
-- @column disclosure_id  The statement it was made from (disclosures).
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...
-- @column funder  Financing entity.
-- @column funder_group  What it counts as.
-- @column funder_type  domestic_public, bilateral, multilateral, philanthropic, private, unknown.
-- @column money_source  Class of the financing entity: domestic_public, global_fund, pepfar, other_bilateral, multilateral, philanthropic, private, international_unspecified, unknown.
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
CREATE VIEW best_flows AS
SELECT f.flow_id, f.disclosure_id, f.country, f.year, f.year_basis, f.funder, b.funder_group, f.funder_type,
       money_source(b.funder_group, f.funder, f.funder_type) AS money_source, b.intervention_group, f.intervention, b.measure, f.kind, f.source,
       f.activity_id, f.usd, f.usd_constant, f.amount, f.currency, f.community_led
FROM flows f
JOIN best_interventions b
  ON b.country = f.country AND b.year = f.year AND b.source = f.source AND b.kind = f.kind AND b.intervention = f.intervention
 AND b.year_basis IS NOT DISTINCT FROM f.year_basis AND b.funder IS NOT DISTINCT FROM f.funder AND b.funder_type IS NOT DISTINCT FROM f.funder_type
 AND b.funder_group IS NOT DISTINCT FROM coalesce(f.funder_group, f.funder)
-- what best_interventions takes beside it of a country's own account, whole: its services are an account when they are the account's own
LEFT JOIN (SELECT DISTINCT country, year, year_basis, source FROM best_interventions WHERE intervention = 'unspecified_pwid' AND has_word(flags, 'country_reported')) p
  ON p.country = f.country AND p.year = f.year AND p.source = f.source AND p.year_basis IS NOT DISTINCT FROM f.year_basis
WHERE f.counted
   OR f.intervention IN ('hiv_other', 'unspecified_pwid') AND has_word(f.flags, 'country_reported')
      AND (f.excluded_by = 'authority' OR f.excluded_by = 'parts_elsewhere' AND p.source IS NOT NULL);
