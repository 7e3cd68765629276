-- people_by_year: how many people inject drugs in a country, for every year from 2000 on that money or coverage may be set against: the newest estimate published for that year or one before, else the first published after it.
-- @column country  ISO 3166-1 alpha-3.
-- @column year  The year it is used for.
-- @column pwid  Number of people who inject drugs.
-- @column pwid_low  Lower bound; the number itself when none was published.
-- @column pwid_high  Upper bound; the number itself when none was published.
-- @column pwid_year  Year of the estimate.
-- @column source  Source of the estimate.
-- @column url  Its address.
CREATE TABLE people_by_year AS
WITH years AS (
    SELECT unnest(range(2000, 1 + greatest((SELECT coalesce(max(year), 2000) FROM best_interventions), (SELECT coalesce(max(year), 2000) FROM best_observations WHERE indicator = 'pwid_size'))))::INTEGER AS year
), sizes AS (
    SELECT area AS country, year AS pwid_year, value AS pwid, coalesce(low, value) AS pwid_low, coalesce(high, value) AS pwid_high, source, url
    FROM best_observations
    WHERE indicator = 'pwid_size' AND value > 0 AND area IN (SELECT iso3 FROM countries)
)
SELECT s.country, y.year, s.pwid, s.pwid_low, s.pwid_high, s.pwid_year, s.source, s.url
FROM sizes s, years y
QUALIFY row_number() OVER (PARTITION BY s.country, y.year
    ORDER BY s.pwid_year > y.year, CASE WHEN s.pwid_year > y.year THEN s.pwid_year ELSE -s.pwid_year END) = 1;
