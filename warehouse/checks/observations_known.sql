-- observations_known: an indicator or area of observations that no vocabulary knows.
-- @severity warn
SELECT 'indicator' AS "column", indicator AS word, count(*) AS n FROM observations WHERE indicator NOT IN (SELECT id FROM indicators) GROUP BY ALL
UNION ALL SELECT 'area', area, count(*) FROM observations
WHERE area NOT IN (SELECT iso3 FROM countries) AND area NOT IN (SELECT area FROM areas) AND indicator NOT LIKE 'fx%' GROUP BY ALL ORDER BY ALL;
