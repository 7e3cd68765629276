-- coverage_targets: coverage of services against the levels of WHO and the United Nations, and the money beside it. One row per promise with an observed indicator, country and year (gaps).
-- @question 16
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @param commitment  text: only this commitment
-- @param latest  bool: only the newest answer to each promise
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year of the value.
-- @column commitment  Commitment id.
-- @column indicator  What is measured.
-- @column value  As published.
-- @column low  Lower bound as published.
-- @column high  Upper bound as published.
-- @column target  The level.
-- @column distance  target - value; negative when it is passed.
-- @column unit  Unit of value and target.
-- @column verdict  met, not_met, no_data, not_applicable, not_comparable, no_number, not_available_by_law.
-- @column spend  Money for the service (nsp or oat) in that country and year, nominal US dollars; null where none is known by service.
-- @column spend_per_unit  spend per needle handed out (value x people who inject drugs); only for needles per person.
-- @trace observations indicator=indicator, country=area, year=year
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), service AS (
    SELECT country, year, intervention, sum(usd)::DECIMAL(38,6) AS usd, words(list(source)) AS source_ids, words(list(measure)) AS measures
    FROM best_interventions WHERE intervention IN ('nsp', 'oat') AND year_basis = 'calendar' GROUP BY country, year, intervention
), promises AS (
    SELECT g.*, m.indicator AS indicator_id FROM gaps g JOIN measures m ON m.measure = g.measure AND m.source_table = 'observations'
    WHERE ($year::INTEGER IS NULL OR g.year = $year::INTEGER) AND ($commitment::VARCHAR IS NULL OR g.commitment = $commitment::VARCHAR) AND ($latest::BOOLEAN IS NOT TRUE OR g.latest)
)
SELECT a.country, coalesce(g.year, $year::INTEGER) AS year, g.commitment, g.measure AS indicator, g.actual AS value, g.actual_low AS low, g.actual_high AS high, g.required AS target, g.gap AS distance, g.unit, g.verdict,
       s.usd AS spend, CASE WHEN g.measure = 'needles_per_pwid' AND g.actual > 0 THEN scaled(s.usd, 1, (round(g.actual, 2)::DECIMAL(12,2) * round(p.pwid, 0)::DECIMAL(14,0))::DECIMAL(30,2)) END AS spend_per_unit,
       coalesce(g.n_sources, 0) + n_words(s.source_ids) AS n_sources,
       CASE WHEN g.verdict IN ('not_applicable', 'not_available_by_law') THEN 'not_applicable' WHEN g.actual IS NULL THEN 'not_reported' WHEN g.actual = 0 THEN 'zero' ELSE 'reported' END AS status,
       concat_ws('; ', g.method, 'money ' || s.measures, CASE WHEN s.usd IS NOT NULL AND g.measure = 'needles_per_pwid' THEN round(p.pwid, 0)::DECIMAL(14,0) || ' people (' || p.source || ', ' || p.pwid_year || ')' END) AS method,
       CASE WHEN g.actual IS NOT NULL THEN 'medium' END AS confidence,
       coalesce(g.verdict IN ('met', 'not_met') AND g.reason = 'compared', false) AS comparable, coalesce(g.reason, 'no_observation') AS reason, coalesce(g.reason_en, reason_en('no_observation')) AS reason_en, (SELECT max(release) FROM releases) AS release_id,
       words([CASE WHEN g.actual IS NOT NULL THEN o.source END, s.source_ids]) AS source_ids
FROM asked a
LEFT JOIN promises g ON g.area = a.country
LEFT JOIN best_observations o ON o.indicator = g.indicator_id AND o.area = g.area AND o.year IS NOT DISTINCT FROM g.year
LEFT JOIN service s ON s.country = g.area AND s.year = g.year AND s.intervention = CASE g.measure WHEN 'needles_per_pwid' THEN 'nsp' WHEN 'oat_coverage' THEN 'oat' END
LEFT JOIN people_by_year p ON p.country = g.area AND p.year = g.year
ORDER BY a.country, g.commitment, g.year, g.measure, g.definition, g.price_basis;
