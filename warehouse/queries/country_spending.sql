-- country_spending: money of a country by year, financing entity and intervention group: exactly one measure of one source per row (best_available). Rows of different measures may stand in one chart only when each is named.
-- @param country  text, required: country (alpha-3)
-- @param group  text: only this intervention group, such as harm_reduction
-- @param year  int: only this year
SELECT b.*, s.title AS source_title, s.publisher, s.home AS source_url
FROM best_available b LEFT JOIN sources s ON s.source = b.source
WHERE b.country = $country::VARCHAR
  AND ($group::VARCHAR IS NULL OR b.intervention_group = $group::VARCHAR)
  AND ($year::INTEGER IS NULL OR b.year = $year::INTEGER)
ORDER BY b.year, b.year_basis, b.intervention_group, b.funder_type, b.funder;
