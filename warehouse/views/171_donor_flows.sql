-- donor_flows: flows of the donor view that a definition of harm reduction includes, by financing entity.
-- @column definition  core-3, comprehensive-9, who-2022, hri or broad (definitions).
-- @column donor_id  Financing entity (flows.funder_group): agencies of one government together.
-- @column flow_id  The flow (flows).
-- @column funder  Financing entity as the flow names it.
-- @column country  ISO 3166-1 alpha-3; null when regional, several or unknown.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...
-- @column intervention  What the money buys (interventions).
-- @column kind  Kind of money.
-- @column source  Source id.
-- @column hr_method  How the intervention was decided.
-- @column confidence  high, medium or low.
-- @column status  reported or imputed.
-- @column usd  Nominal US dollars; null when no rate is known.
CREATE VIEW donor_flows AS
SELECT d.definition, coalesce(f.funder_group, f.funder) AS donor_id, f.flow_id, f.funder, f.country, f.year, f.year_basis, f.intervention, f.kind, f.source, f.hr_method, f.confidence, f.status, f.usd
FROM flows f JOIN definitions d ON d.intervention = f.intervention
WHERE f.counted_donor AND f.funder_type IS DISTINCT FROM 'domestic_public' AND f.year IS NOT NULL AND f.kind IN ('expenditure', 'disbursement', 'budget');
