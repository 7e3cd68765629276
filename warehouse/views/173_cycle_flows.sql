-- cycle_flows: counted budgets of whole grant cycles: several years, never annual.
-- @column flow_id  The flow (flows).
-- @column country  ISO 3166-1 alpha-3.
-- @column cycle  Grant cycle.
-- @column funder_group  Financing entity.
-- @column intervention  What the money buys (interventions).
-- @column source  Source id.
-- @column hr_method  How the intervention was decided.
-- @column confidence  high, medium or low.
-- @column status  reported or imputed.
-- @column usd  Nominal US dollars; null when no rate is known.
CREATE VIEW cycle_flows AS
SELECT flow_id, country, cycle, coalesce(funder_group, funder) AS funder_group, intervention, source, hr_method, confidence, status, usd
FROM flows
WHERE counted AND kind = 'budget' AND year IS NULL AND country IS NOT NULL AND regexp_matches(coalesce(cycle, ''), '^GC[0-9]+$');
