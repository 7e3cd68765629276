-- country_overview: one row per country that has anything in this release or belongs to Eastern Europe and Central Asia: what the start page needs.
-- @column country  ISO 3166-1 alpha-3.
-- @column name_en  Name in English.
-- @column name_ru  Name in Russian.
-- @column eeca  Whether any definition of Eastern Europe and Central Asia includes it (areas).
-- @column n_flows  Flows of the country, counted or not.
-- @column n_counted  Flows that count.
-- @column n_years  Years with money in best_available.
-- @column first_year  First such year.
-- @column latest_year  Newest such year.
-- @column latest_hr_year  Newest year with harm reduction money in best_available that sums to more than nothing.
-- @column latest_hr_usd  That money, nominal US dollars, over the funders known that year; null when none is known.
-- @column latest_hr_measures  Measures it is made of, blank-separated.
-- @column latest_hr_n_without_usd  Flows of it without US dollars.
-- @column latest_hr_year_basis  Bases of that year, blank-separated: more than one cannot be added, and the amount is null.
-- @column n_cycle_budgets  Counted budget rows of grant cycles, which have no year.
-- @column n_observations  Published values other than money.
-- @column pwid_size  Newest published number of people who inject drugs.
-- @column pwid_year  Its year.
-- @column pwid_source  Its source.
-- @column n_met  Promises met, newest values, from the adoption on, where the target year has come or there is none.
-- @column n_not_met  Promises not met, likewise.
-- @column sources  Sources, blank-separated.
-- @column origin  live, given, bundled: the origins that occur.
CREATE TABLE country_overview AS
WITH f AS (
    SELECT country, count(*) AS n_flows, count(*) FILTER (counted) AS n_counted,
           count(*) FILTER (counted AND kind = 'budget' AND year IS NULL) AS n_cycle_budgets,
           list(DISTINCT source) AS sources, list(DISTINCT origin) AS origins
    FROM flows WHERE country IS NOT NULL GROUP BY country
), y AS ( -- a year of corrections only (a negative sum) is not the newest year of spending
    SELECT country, max(year) AS hr_year
    FROM (SELECT country, year FROM best_available WHERE intervention_group = 'harm_reduction' GROUP BY country, year HAVING sum(usd) > 0)
    GROUP BY country
), b AS (
    SELECT x.country, count(DISTINCT x.year) AS n_years, min(x.year) AS first_year, max(x.year) AS latest_year, any_value(y.hr_year) AS hr_year
    FROM best_available x LEFT JOIN y ON y.country = x.country
    GROUP BY x.country
), h AS (
    SELECT x.country,
           CASE WHEN count(DISTINCT x.year_basis) = 1 THEN sum(x.usd)::DECIMAL(38,6) END AS usd,
           words(list(x.measure)) AS measures, sum(x.n_without_usd)::BIGINT AS n_without_usd, words(list(x.year_basis)) AS bases
    FROM best_available x JOIN b ON b.country = x.country AND b.hr_year = x.year
    WHERE x.intervention_group = 'harm_reduction' GROUP BY x.country
), o AS (
    SELECT area AS country, count(*) AS n, list(DISTINCT source) AS sources, list(DISTINCT origin) AS origins
    FROM best_observations WHERE source NOT IN (SELECT source FROM sources WHERE kind = 'reference') GROUP BY area
), p AS (
    SELECT area AS country, value, year, source FROM best_observations WHERE indicator = 'pwid_size' AND latest
), g AS (
    SELECT area AS country, count(*) FILTER (verdict = 'met') AS n_met, count(*) FILTER (verdict = 'not_met') AS n_not_met
    FROM gaps WHERE latest AND reason NOT IN ('before_target_year', 'before_adoption') GROUP BY area
), e AS (
    SELECT DISTINCT country FROM area_members WHERE area LIKE 'EECA\_%' ESCAPE '\'
)
SELECT c.iso3 AS country, c.name_en, c.name_ru, e.country IS NOT NULL AS eeca,
       coalesce(f.n_flows, 0) AS n_flows, coalesce(f.n_counted, 0) AS n_counted,
       coalesce(b.n_years, 0) AS n_years, b.first_year, b.latest_year,
       b.hr_year AS latest_hr_year, h.usd AS latest_hr_usd, h.measures AS latest_hr_measures,
       h.n_without_usd AS latest_hr_n_without_usd, h.bases AS latest_hr_year_basis,
       coalesce(f.n_cycle_budgets, 0) AS n_cycle_budgets, coalesce(o.n, 0) AS n_observations,
       p.value AS pwid_size, p.year AS pwid_year, p.source AS pwid_source,
       coalesce(g.n_met, 0) AS n_met, coalesce(g.n_not_met, 0) AS n_not_met,
       words(list_concat(coalesce(f.sources, []), coalesce(o.sources, []))) AS sources,
       words(list_concat(coalesce(f.origins, []), coalesce(o.origins, []))) AS origin
FROM countries c
LEFT JOIN f ON f.country = c.iso3
LEFT JOIN b ON b.country = c.iso3
LEFT JOIN h ON h.country = c.iso3
LEFT JOIN o ON o.country = c.iso3
LEFT JOIN p ON p.country = c.iso3
LEFT JOIN g ON g.country = c.iso3
LEFT JOIN e ON e.country = c.iso3
WHERE f.country IS NOT NULL OR o.country IS NOT NULL OR e.country IS NOT NULL;
