-- countries: one row per country with anything in this release or in Eastern Europe and Central Asia.
-- @param eeca  bool: only the countries of Eastern Europe and Central Asia
-- @param country  text: only this country (alpha-3)
SELECT o.*, c.iso2, c.name_ru_in, c.name_ru_of
FROM country_overview o JOIN countries c ON c.iso3 = o.country
WHERE ($eeca::BOOLEAN IS NULL OR o.eeca = $eeca::BOOLEAN)
  AND ($country::VARCHAR IS NULL OR o.country = $country::VARCHAR)
ORDER BY o.eeca DESC, o.name_en;
