-- cofinancing: whether the co-financing that the Global Fund required was paid: what was required and what was reported as paid, of one period.
-- @question 11
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @column country  ISO 3166-1 alpha-3.
-- @column year  First year of the period.
-- @column cycle  Years of the period.
-- @column note  What the statements cover, as who entered them says.
-- @column committed_usd  Required, US dollars.
-- @column realised_usd  Reported as paid, US dollars.
-- @column realised_pct  realised_usd in per cent of committed_usd.
-- @column evidence  Where the statements stand.
-- @trace observations 'cofinancing_required'=indicator, country=area, year=year -> committed_usd=value
-- @trace observations 'cofinancing_realised'=indicator, country=area, year=year -> realised_usd=value
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), found AS (
    SELECT area AS country, year, max(value) FILTER (indicator = 'cofinancing_required') AS committed_usd, max(value) FILTER (indicator = 'cofinancing_realised') AS realised_usd,
           year(min(period_start)) || '-' || year(max(period_end)) AS cycle, min(note) AS note, least_sure(list(regexp_extract(note, 'confidence (high|medium|low)', 1))) AS confidence, words(list(replace(url, ' ', '%20'))) AS evidence, words(list(source)) AS source_ids
    FROM best_observations WHERE indicator IN ('cofinancing_required', 'cofinancing_realised') AND unit = 'USD'
    GROUP BY area, year
), rows_of AS (
    SELECT a.country AS asked_country, f.*,
           CASE WHEN f.country IS NULL THEN 'no_observation' WHEN f.committed_usd IS NULL THEN 'no_number_recorded' WHEN f.realised_usd IS NULL THEN 'not_published' WHEN f.confidence = 'low' THEN 'low_confidence' ELSE 'compared' END AS reason
    FROM asked a LEFT JOIN found f ON f.country = a.country
)
SELECT asked_country AS country, year, cycle, note, committed_usd::DECIMAL(38,6) AS committed_usd, realised_usd::DECIMAL(38,6) AS realised_usd, pct(realised_usd, committed_usd) AS realised_pct, evidence,
       n_words(source_ids) AS n_sources, CASE WHEN country IS NULL THEN 'not_reported' ELSE 'reported' END AS status,
       CASE WHEN country IS NOT NULL THEN 'as published, not added up from flows' END AS method, CASE WHEN country IS NOT NULL THEN coalesce(confidence, 'medium') END AS confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
ORDER BY asked_country, year;
