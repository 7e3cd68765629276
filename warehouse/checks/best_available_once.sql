-- best_available_once: a financing entity, country, year and intervention group with more than one measure.
-- @severity fail
SELECT country, year, year_basis, funder, funder_type, intervention_group, count(*) AS n FROM best_available GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL;
