-- Of every cell of best_available, the flows of its one source and its kinds add up to its dollars.
WITH sums AS (
    SELECT f.country, f.year, f.year_basis, f.funder, f.source, f.kind, g.intervention_group, sum(f.usd) AS usd
    FROM flows f LEFT JOIN intervention_groups g ON g.intervention = f.intervention
    WHERE f.counted OR f.excluded_by = 'authority' AND f.intervention = 'hiv_other' AND contains(f.flags, 'country_reported')
    GROUP BY ALL
), again AS (
    SELECT b.country, b.year, b.year_basis, b.funder, b.source, b.intervention_group, b.measure, b.usd, sum(s.usd) AS usd_again
    FROM best_available b LEFT JOIN sums s ON s.country = b.country AND s.year = b.year AND s.year_basis IS NOT DISTINCT FROM b.year_basis AND s.funder IS NOT DISTINCT FROM b.funder AND s.source = b.source
         AND s.intervention_group IS NOT DISTINCT FROM b.intervention_group AND list_contains(string_split(b.kinds, ' '), s.kind)
    GROUP BY ALL
)
SELECT count(*), count(*) FILTER (usd IS DISTINCT FROM usd_again::DECIMAL(38,6)), min(country || ' ' || year || ' ' || funder) FILTER (usd IS DISTINCT FROM usd_again::DECIMAL(38,6))
FROM again
