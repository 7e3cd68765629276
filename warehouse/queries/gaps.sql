-- gaps: every promise against what is known, one row per commitment, area, year, definition, measure and price basis.
-- @param country  text: only this country (alpha-3)
-- @param area  text: countries of this area and the area itself
-- @param commitment  text: only this commitment
-- @param year  int: only this year
-- @param kind  text: only promises of this kind, such as coverage or finance share
-- @param measure  text: only this measure
-- @param definition  text: only this definition of harm reduction
-- @param price_basis  text: only amounts in these prices
-- @param verdict  text: only this verdict
-- @param latest  bool: true: only the newest answer to each promise and area, whatever its verdict; false or left out: every year
SELECT g.* EXCLUDE (place), c.instrument, c.reference, c.paragraph, c.adopted, c.target_year, c.kind, c."force", c.comparator, c.text_en, c.text_ru, c.source_url, c.verification,
       r.ru AS reason_ru, coalesce(n.name_en, a.name_en) AS name_en, coalesce(n.name_ru, a.name_ru) AS name_ru
FROM ( -- an answer with a value is newer than any without, and one with data than one with none
    SELECT *, row_number() OVER (PARTITION BY commitment, area
                                 ORDER BY actual IS NOT NULL DESC, n_sources > 0 DESC, year DESC NULLS LAST, measure, definition, price_basis) AS place
    FROM gaps
) g
JOIN commitments c ON c.id = g.commitment
LEFT JOIN reasons r ON r.reason = g.reason
LEFT JOIN countries n ON n.iso3 = g.area
LEFT JOIN areas a ON a.area = g.area
WHERE ($country::VARCHAR IS NULL OR g.area = $country::VARCHAR)
  AND ($area::VARCHAR IS NULL OR g.area = $area::VARCHAR OR g.area IN (SELECT country FROM area_members WHERE area = $area::VARCHAR))
  AND ($commitment::VARCHAR IS NULL OR g.commitment = $commitment::VARCHAR)
  AND ($year::INTEGER IS NULL OR g.year = $year::INTEGER)
  AND ($kind::VARCHAR IS NULL OR c.kind = $kind::VARCHAR)
  AND ($measure::VARCHAR IS NULL OR g.measure = $measure::VARCHAR)
  AND ($definition::VARCHAR IS NULL OR g.definition = $definition::VARCHAR)
  AND ($price_basis::VARCHAR IS NULL OR g.price_basis = $price_basis::VARCHAR)
  AND ($verdict::VARCHAR IS NULL OR g.verdict = $verdict::VARCHAR)
  AND (NOT coalesce($latest::BOOLEAN, false) OR g.place = 1)
ORDER BY g.commitment, g.area, g.year, g.definition, g.measure, g.price_basis;
