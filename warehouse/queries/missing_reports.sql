-- missing_reports: what a country did not report: the years in which a source of reports by countries has anything, against the years in which it has this country. Only series that every country is asked for; a publisher who owes no report to anyone is not "missing".
-- @question 21
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param series  text: only this series
-- @column country  ISO 3166-1 alpha-3.
-- @column source  Source id.
-- @column series  hiv_expenditure (the country's account of HIV money by payer), or an indicator.
-- @column expected_years  Years in which at least a tenth of the countries that ever reported the series did.
-- @column reported_years  Years of those with a value for this country.
-- @column missing_years  The others.
-- @column last_seen  Newest year with a value.
-- @trace observations series=indicator, country=area, source=source
-- @trace flows country=country, source=source, 'expenditure'=kind
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), reports AS (
    SELECT DISTINCT source, 'hiv_expenditure' AS series, country, year FROM flows
    WHERE has_word(flags, 'country_reported') AND year IS NOT NULL AND country IS NOT NULL
    UNION
    SELECT DISTINCT o.source, o.indicator, o.area, o.year FROM observations o
    WHERE o.indicator IN ('needles_per_pwid', 'oat_coverage', 'pwid_size', 'prevention_coverage_pwid', 'safe_injecting', 'hiv_prevalence_pwid', 'ghed_hiv_sti_government')
      AND o.source <> 'evidence' AND o.value IS NOT NULL AND o.area IN (SELECT iso3 FROM countries)
), expected AS (
    SELECT source, series, year FROM reports GROUP BY source, series, year
    HAVING count(*) * 10 >= (SELECT count(DISTINCT country) FROM reports r WHERE r.source = reports.source AND r.series = reports.series)
), lists AS (
    SELECT a.country, e.source, e.series, list_sort(list(e.year)) AS expected_years, list_sort(list(e.year) FILTER (r.year IS NOT NULL)) AS reported_years,
           list_sort(list(e.year) FILTER (r.year IS NULL)) AS missing_years, max(r.year) AS last_seen
    FROM asked a CROSS JOIN expected e
    LEFT JOIN reports r ON r.country = a.country AND r.source = e.source AND r.series = e.series AND r.year = e.year
    WHERE $series::VARCHAR IS NULL OR e.series = $series::VARCHAR
    GROUP BY a.country, e.source, e.series
), rows_of AS (
    SELECT *, CASE WHEN EXISTS (SELECT 1 FROM laws w WHERE w.country = lists.country AND w.indicator = lists.series) THEN 'law_forbids' WHEN last_seen IS NULL THEN 'never_reported' WHEN len(missing_years) > 0 THEN 'years_missing' ELSE 'all_years_reported' END AS reason FROM lists
    UNION ALL BY NAME
    SELECT a.country, 'no_series' AS reason FROM asked a WHERE NOT EXISTS (SELECT 1 FROM lists)
)
SELECT country, source, series, array_to_string(expected_years, ' ') AS expected_years, array_to_string(reported_years, ' ') AS reported_years, array_to_string(missing_years, ' ') AS missing_years, last_seen,
       CASE WHEN last_seen IS NULL THEN 0 ELSE 1 END AS n_sources, CASE WHEN reason = 'law_forbids' THEN 'not_applicable' WHEN last_seen IS NULL THEN 'not_reported' ELSE 'reported' END AS status,
       CASE WHEN source IS NOT NULL THEN 'years in which a tenth of the reporters reported' END AS method, CASE WHEN source IS NOT NULL THEN 'high' END AS confidence,
       reason = 'all_years_reported' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, CASE WHEN last_seen IS NOT NULL THEN source END AS source_ids
FROM rows_of
ORDER BY country, source, series;
