-- best_available_once: a financing entity, country, year and intervention group with more than one measure or source.
-- @severity fail
SELECT country, year, year_basis, funder_group, intervention_group, count(DISTINCT measure || ' ' || source) AS n FROM best_available GROUP BY ALL HAVING n > 1 ORDER BY ALL;
