-- cut_effect: what a cut by a donor takes from harm reduction in a country, by a scenario. A SCENARIO, not a forecast: the money known of the payer in its newest year (or its newest grant cycle) times the share the scenario takes away. Nobody is assumed to step in.
-- @question 14
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param scenario  text: only this scenario (scenarios)
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, broad when left out
-- @column scenario_id  Scenario (scenarios).
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year of the money; null for the budget of a grant cycle.
-- @column year_basis  calendar or us_fiscal.
-- @column cycle  Grant cycle of the money.
-- @column funder_group  The payer (flows.funder_group).
-- @column intervention  What the money buys.
-- @column base_usd  The payer's money of that year or cycle, nominal US dollars.
-- @column lost_usd_low  Lost if the lower share is taken away; a cycle's money is of several years.
-- @column lost_usd_central  Lost by the central share.
-- @column lost_usd_high  Lost by the upper share.
-- @column share_of_hr  base_usd in per cent of all harm reduction money of the country, year and measure; null for cycles, which other payers do not have, and where one payer is known only.
-- @column people_affected  Null: no source states the clients a payer pays for.
-- @trace best_flows country=country, year=year, year_basis=year_basis, funder_group=funder_group, intervention=intervention -> base_usd=usd
-- @trace cycle_flows country=country, cycle=cycle, funder_group=funder_group, intervention=intervention -> base_usd=usd
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), money AS (
    SELECT h.country, h.year, h.year_basis, NULL::VARCHAR AS cycle, h.intervention, h.funder_group, sum(h.usd)::DECIMAL(38,6) AS usd, words(list(h.measure)) AS measures, sum(h.n_without_usd) AS n_without_usd,
           words(list(h.hr_methods)) AS hr_methods, words(list(h.source)) AS source_ids, least_sure(list(h.confidence)) AS confidence, one_status(list(h.status)) AS status
    FROM harm_reduction h JOIN asked a ON a.country = h.country
    WHERE h.definition = coalesce($definition::VARCHAR, 'broad')
    GROUP BY ALL
    UNION ALL
    SELECT f.country, NULL, NULL, f.cycle, f.intervention, f.funder_group, sum(f.usd)::DECIMAL(38,6), 'budgeted', count(*) - count(f.usd), words(list(f.hr_method)), words(list(f.source)), least_sure(list(f.confidence)), one_status(list(f.status))
    FROM cycle_flows f JOIN asked a ON a.country = f.country JOIN definitions d ON d.intervention = f.intervention AND d.definition = coalesce($definition::VARCHAR, 'broad')
    GROUP BY f.country, f.cycle, f.intervention, f.funder_group
), newest AS ( -- the newest year of the payer, and its newest cycle: two bases, two rows
    SELECT * FROM money
    QUALIFY CASE WHEN cycle IS NULL THEN year = max(year) OVER (PARTITION BY country, funder_group, cycle IS NULL)
                 ELSE substr(cycle, 3)::INTEGER = max(substr(cycle, 3)::INTEGER) OVER (PARTITION BY country, funder_group, cycle IS NULL) END
), national AS (
    SELECT country, year, year_basis, measures, sum(usd)::DECIMAL(38,6) AS usd, count(DISTINCT funder_group) AS n_payers FROM money WHERE cycle IS NULL GROUP BY country, year, year_basis, measures
), rows_of AS (
    SELECT s.scenario, a.country AS asked_country, n.*, s.low, s.central, s.high, s.text_en,
           CASE WHEN n.cycle IS NULL AND t.n_payers > 1 THEN pct(n.usd, t.usd) END AS share_of_hr,
           CASE WHEN n.country IS NULL THEN 'payer_not_known_here' WHEN n.n_without_usd > 0 THEN 'some_without_usd' ELSE 'scenario' END AS reason
    FROM scenarios s CROSS JOIN asked a
    LEFT JOIN newest n ON n.country = a.country AND n.funder_group = s.funder_group AND (s.cycle IS NULL OR s.cycle = n.cycle)
    LEFT JOIN national t ON t.country = n.country AND t.year = n.year AND t.year_basis IS NOT DISTINCT FROM n.year_basis AND t.measures = n.measures
    WHERE $scenario::VARCHAR IS NULL OR s.scenario = $scenario::VARCHAR
)
SELECT scenario AS scenario_id, asked_country AS country, year, year_basis, cycle, funder_group, intervention, usd AS base_usd,
       scaled(usd, low, 1) AS lost_usd_low, scaled(usd, central, 1) AS lost_usd_central, scaled(usd, high, 1) AS lost_usd_high, share_of_hr, NULL::BIGINT AS people_affected,
       n_words(source_ids) AS n_sources, CASE WHEN country IS NULL THEN 'not_reported' ELSE 'imputed' END AS status, concat_ws('; ', text_en, measures, hr_methods) AS method,
       CASE WHEN country IS NOT NULL THEN 'low' END AS confidence, false AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
ORDER BY scenario, asked_country, cycle NULLS FIRST, year_basis, intervention, measures;
