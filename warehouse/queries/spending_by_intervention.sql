-- spending_by_intervention: what harm reduction money buys in a country and year, by intervention.
-- @question 4
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, broad (with rights, law, advocacy, networks and management) when left out
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar or us_fiscal: rows of different bases are not added.
-- @column definition  Definition of harm reduction.
-- @column intervention  What the money buys (interventions).
-- @column usd  Nominal US dollars of the flows with a known rate.
-- @column usd_constant  Constant US dollars; null unless all of it has a deflator.
-- @column share_pct  Per cent of all harm reduction money of the country, year and basis.
-- @column attribution_method  How the intervention was decided: reported, apportioned, text_inferred, expert.
-- @trace harm_reduction_flows definition=definition, country=country, year=year, year_basis=year_basis, intervention=intervention -> usd=usd
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), money AS (
    SELECT h.country, h.year, h.year_basis, h.intervention, sum(h.usd)::DECIMAL(38,6) AS usd,
           CASE WHEN count(h.usd_constant) = count(*) THEN sum(h.usd_constant)::DECIMAL(38,6) END AS usd_constant,
           sum(h.n_without_usd)::BIGINT AS n_without_usd, words(list(h.measure)) AS measures, words(list(h.hr_methods)) AS hr_methods,
           least_sure(list(h.confidence)) AS confidence, one_status(list(h.status)) AS status, words(list(h.source)) AS source_ids
    FROM harm_reduction h JOIN asked a ON a.country = h.country
    WHERE h.definition = coalesce($definition::VARCHAR, 'broad') AND ($year::INTEGER IS NULL OR h.year = $year::INTEGER)
    GROUP BY h.country, h.year, h.year_basis, h.intervention
), shares AS (
    SELECT *, CASE WHEN min(usd) OVER cell >= 0 AND sum(n_without_usd) OVER cell = 0 AND min(measures) OVER cell = max(measures) OVER cell THEN pct(usd, sum(usd) OVER cell) END AS share_pct,
           CASE WHEN sum(usd) OVER cell <= 0 THEN 'corrections_only' ELSE money_reason(measures, n_without_usd) END AS why
    FROM money WINDOW cell AS (PARTITION BY country, year, year_basis)
)
SELECT a.country, coalesce(m.year, $year::INTEGER) AS year, m.year_basis, coalesce($definition::VARCHAR, 'broad') AS definition, m.intervention,
       m.usd, m.usd_constant, m.share_pct, m.hr_methods AS attribution_method,
       n_words(m.source_ids) AS n_sources, coalesce(m.status, 'not_reported') AS status, m.measures AS method, m.confidence,
       coalesce(m.why, 'no_money_known') = 'compared' AS comparable, coalesce(m.why, 'no_money_known') AS reason,
       reason_en(coalesce(m.why, 'no_money_known')) AS reason_en, (SELECT max(release) FROM releases) AS release_id, m.source_ids
FROM asked a LEFT JOIN shares m ON m.country = a.country
ORDER BY a.country, m.year, m.year_basis, m.usd DESC, m.intervention;
