-- grant_flows: what the Global Fund and others say of its grants, one row per flow that counts: budgets by module and intervention, payments, expenditure.
-- @column flow_id  The flow (flows).
-- @column grant_id  The grant (grant_key).
-- @column country  ISO 3166-1 alpha-3; null for grants of several countries.
-- @column countries  All countries named, blank-separated.
-- @column cycle  Grant cycle as published.
-- @column module  Module as the fund names it.
-- @column intervention_published  Intervention as the fund names it.
-- @column intervention  What the money buys (interventions).
-- @column kind  budget, disbursement or expenditure.
-- @column period_end  Last day of the period; null where none was published.
-- @column source  Source id.
-- @column origin  live, given, bundled.
-- @column hr_method  How the intervention was decided.
-- @column confidence  high, medium or low.
-- @column status  reported or imputed.
-- @column usd  Nominal US dollars; null when no rate is known.
CREATE VIEW grant_flows AS
SELECT f.flow_id, grant_key(f.activity_id) AS grant_id, f.country, f.countries, f.cycle,
       coalesce(d.raw ->> '$.Module', d.raw ->> '$.module', d.raw ->> '$.moduleName') AS module,
       coalesce(d.raw ->> '$.Intervention', d.raw ->> '$.intervention', d.raw ->> '$.interventionName') AS intervention_published,
       f.intervention, f.kind, f.period_end, f.source, f.origin, f.hr_method, f.confidence, f.status, f.usd
FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id
WHERE f.funder_group = '47045' AND NOT has_word(f.flags, 'country_reported') AND f.counted AND f.activity_id IS NOT NULL AND f.kind IN ('budget', 'disbursement', 'expenditure');
