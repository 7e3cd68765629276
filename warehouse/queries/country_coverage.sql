-- country_coverage: published values other than money for a country: people who inject drugs, coverage of services, prevalence. One value per indicator and year.
-- @param country  text, required: country (alpha-3)
-- @param indicator  text: only this indicator
-- @param latest  bool: only the newest value of each indicator
SELECT o.*, i.name_en, i.name_ru, i.zero_is, s.title AS source_title, s.publisher
FROM best_observations o
LEFT JOIN indicators i ON i.id = o.indicator
LEFT JOIN sources s ON s.source = o.source
WHERE o.area = $country::VARCHAR
  AND s.kind IS DISTINCT FROM 'reference' -- rates, prices and lists that other figures are made with
  AND ($indicator::VARCHAR IS NULL OR o.indicator = $indicator::VARCHAR)
  AND ($latest::BOOLEAN IS NULL OR o.latest = $latest::BOOLEAN)
ORDER BY o.indicator, o.year;
