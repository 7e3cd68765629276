-- regional_comparison: harm reduction money of a region by income group and year: how many countries report, their sum, and money per person who injects drugs. Medians and quartiles are values of a country, over those with comparable money and a number of people. A sum over too few reporters is given and not compared.
-- @question 24
-- @param area  text: the region (areas), EECA_UNAIDS when left out
-- @param year  int: only this year
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, hri when left out
-- @column region  Area id.
-- @column income_group  LIC, LOWER_MIC, UPPER_MIC, HIC or unclassified of that year (World Bank), or all.
-- @column year  Calendar year.
-- @column definition  Definition of harm reduction.
-- @column n_countries  Countries of the region and income group.
-- @column n_reporting  Of them with harm reduction money in this release.
-- @column n_with_people  Of those with a number of people who inject drugs.
-- @column hr_usd  Sum over the reporters, nominal US dollars.
-- @column hr_usd_constant  The same in constant US dollars; null unless all of it has a deflator.
-- @column per_pwid  Sum over the reporters with a number of people, by their people; nominal US dollars.
-- @column median  Median country: usd per person (lower of the two in the middle).
-- @column q1  Lower quartile.
-- @column q3  Upper quartile; q3 - q1 is the interquartile range.
-- @trace area_flows region=area, definition=definition, year=year, 'calendar'=year_basis
WITH region AS (
    SELECT coalesce($area::VARCHAR, 'EECA_UNAIDS') AS area
), years AS (
    SELECT DISTINCT year FROM harm_reduction_years WHERE definition = coalesce($definition::VARCHAR, 'hri') AND year_basis = 'calendar' AND ($year::INTEGER IS NULL OR year = $year::INTEGER)
), members AS (
    SELECT m.country, y.year, coalesce((SELECT min(g.area) FROM area_members g WHERE g.country = m.country AND g.area IN ('LIC', 'LOWER_MIC', 'UPPER_MIC', 'HIC') AND in_area(g."from", g."to", y.year)), 'unclassified') AS income_group
    FROM area_members m JOIN region r ON m.area = r.area, years y
    WHERE in_area(m."from", m."to", y.year)
), money AS (
    SELECT m.*, h.usd, h.usd_constant, h.measures, h.hr_methods, h.n_without_usd, h.sources, h.confidence, h.status, p.pwid, CASE WHEN h.comparable THEN round(scaled(h.usd, 1, p.pwid), 6)::DECIMAL(18,6) END AS per_person, h.comparable
    FROM members m
    LEFT JOIN harm_reduction_years h ON h.country = m.country AND h.year = m.year AND h.year_basis = 'calendar' AND h.definition = coalesce($definition::VARCHAR, 'hri') AND h.usd > 0 -- a year of corrections reports nothing
    LEFT JOIN people_by_year p ON p.country = m.country AND p.year = m.year AND h.usd IS NOT NULL
), grouped AS (
    SELECT CASE WHEN grouping(income_group) = 1 THEN 'all' ELSE income_group END AS income_group, year, count(*) AS n_countries, count(usd) AS n_reporting, count(pwid) AS n_with_people, count(*) FILTER (comparable) AS n_comparable,
           sum(usd)::DECIMAL(38,6) AS hr_usd, CASE WHEN count(usd_constant) = count(usd) THEN sum(usd_constant)::DECIMAL(38,6) END AS hr_usd_constant,
           sum(usd) FILTER (pwid IS NOT NULL) AS usd_with_people, sum(pwid) FILTER (usd IS NOT NULL) AS people,
           quantile_disc(per_person, 0.5) AS median, quantile_disc(per_person, 0.25) AS q1, quantile_disc(per_person, 0.75) AS q3,
           words(list(measures)) AS measures, words(list(hr_methods)) AS hr_methods, sum(n_without_usd) AS n_without_usd, words(list(sources)) AS source_ids, least_sure(list(confidence)) AS confidence, one_status(list(status)) AS status
    FROM money GROUP BY GROUPING SETS ((income_group, year), (year))
), rows_of AS (
    SELECT *, CASE WHEN n_reporting = 0 THEN 'no_money_known' WHEN n_reporting * 10 < n_countries * 8 OR n_reporting < 3 THEN 'coverage_too_low' WHEN n_comparable < n_reporting THEN 'payers_known_singly' ELSE money_reason(measures, n_without_usd) END AS reason FROM grouped
    UNION ALL BY NAME
    SELECT 'all' AS income_group, $year::INTEGER AS year, (SELECT count(DISTINCT m.country) FROM area_members m JOIN region r ON m.area = r.area) AS n_countries, 0 AS n_reporting, 0 AS n_with_people, 'no_money_known' AS reason WHERE NOT EXISTS (SELECT 1 FROM grouped)
)
SELECT (SELECT area FROM region) AS region, income_group, year, coalesce($definition::VARCHAR, 'hri') AS definition, n_countries, n_reporting, n_with_people, hr_usd, hr_usd_constant, scaled(usd_with_people::DECIMAL(38,6), 1, people::DECIMAL(38,6)) AS per_pwid, median, q1, q3,
       n_words(source_ids) AS n_sources, coalesce(status, 'not_reported') AS status, concat_ws('; ', measures, hr_methods) AS method, confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
ORDER BY year, income_group <> 'all', income_group;
