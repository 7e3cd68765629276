-- observations: published values other than money, with every subgroup and source.
-- @param indicator  text: only this indicator
-- @param area  text: only this area (alpha-3 or area id)
-- @param year  int: only this year
-- @param limit  int: at most so many rows, 1000 when left out
SELECT * FROM observations
WHERE ($indicator::VARCHAR IS NULL OR indicator = $indicator::VARCHAR)
  AND ($area::VARCHAR IS NULL OR area = $area::VARCHAR)
  AND ($year::INTEGER IS NULL OR year = $year::INTEGER)
ORDER BY indicator, area, year, subgroup, source, locator LIMIT coalesce($limit::INTEGER, 1000);
