-- area_reporting: how many countries of an area have money in best_available in a year. Coverage decides whether a sum over the area may be called its total.
-- @column area  Area id (areas).
-- @column year  Year.
-- @column definition  hri (harm reduction) or hiv (the whole HIV response).
-- @column usd  Sum over the countries that report, nominal US dollars. A lower bound unless coverage is 1.
-- @column n_reporting  Countries with an amount.
-- @column n_members  Countries of the area in that year.
-- @column coverage  n_reporting / n_members.
-- @column n_sources  Sources behind the sum.
CREATE TABLE area_reporting AS
WITH money AS (
    SELECT country, year, 'hri' AS definition, sum(usd)::DECIMAL(38,6) AS usd, list(DISTINCT source) AS sources
    FROM best_available WHERE intervention_group = 'harm_reduction' AND usd IS NOT NULL GROUP BY country, year
    UNION ALL
    SELECT country, year, 'hiv', sum(usd_in_hiv_total)::DECIMAL(38,6), list(DISTINCT source)
    FROM best_available WHERE usd_in_hiv_total IS NOT NULL GROUP BY country, year
), years AS (
    SELECT DISTINCT year, definition FROM money
    UNION
    SELECT k.target_year, m.definition FROM commitments k JOIN measures m ON m.measure = k.measure
    WHERE m.source_table = 'spending' AND k.target_year IS NOT NULL
), members AS (
    SELECT DISTINCT a.area, a.country, y.year, y.definition
    FROM years y JOIN area_members a ON in_area(a."from", a."to", y.year)
)
SELECT m.area, m.year, m.definition, sum(x.usd)::DECIMAL(38,6) AS usd,
       count(x.country) AS n_reporting, count(*) AS n_members,
       fraction(count(x.country), count(*)) AS coverage,
       len(list_distinct(flatten(list(coalesce(x.sources, []))))) AS n_sources
FROM members m
LEFT JOIN money x ON x.country = m.country AND x.year = m.year AND x.definition = m.definition
GROUP BY m.area, m.year, m.definition;
