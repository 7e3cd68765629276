-- gap_countries: countries that get an answer to every promise: all of Eastern Europe and Central Asia, with or without data, and every country with counted money or with an indicator that a promise is measured by.
-- @column country  ISO 3166-1 alpha-3.
CREATE VIEW gap_countries AS
SELECT country FROM area_members WHERE area LIKE 'EECA\_%' ESCAPE '\' AND country IN (SELECT iso3 FROM countries)
UNION SELECT country FROM spending WHERE country IS NOT NULL
UNION SELECT o.area FROM best_observations o JOIN measures m ON m.indicator = o.indicator
      WHERE m.source_table = 'observations' AND o.area IN (SELECT iso3 FROM countries);
