-- reconciliation: money seen by two or more sources, as each of them gives it.
-- @param country  text: only this country (alpha-3)
SELECT * FROM reconciliation WHERE $country::VARCHAR IS NULL OR country = $country::VARCHAR
ORDER BY country, year, grant_id, kind, funder, intervention, source_counted, source_excluded;
