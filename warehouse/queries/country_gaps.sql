-- country_gaps: every promise that concerns a country against what is known of it.
-- @param country  text, required: country (alpha-3)
-- @param latest  bool: only the newest answer to each promise
-- @param areas  bool: also the sums over areas the country belongs to, which are no score of it
SELECT g.*, c.instrument, c.reference, c.paragraph, c.adopted, c.target_year, c.kind, c."force", c."position", c.metric, c.comparator,
       c.text_en, c.text_ru, c.source_url, c.verification, r.ru AS reason_ru
FROM gaps g
JOIN commitments c ON c.id = g.commitment
LEFT JOIN reasons r ON r.reason = g.reason
WHERE (g.area = $country::VARCHAR
       OR $areas::BOOLEAN AND (g.area = 'ALL' OR g.area IN (SELECT area FROM area_members WHERE country = $country::VARCHAR)))
  AND ($latest::BOOLEAN IS NULL OR g.latest = $latest::BOOLEAN)
ORDER BY g.area <> $country::VARCHAR,
         CASE g.verdict WHEN 'met' THEN 0 WHEN 'not_met' THEN 0 WHEN 'not_available_by_law' THEN 0 WHEN 'no_data' THEN 1
                        WHEN 'not_comparable' THEN 2 WHEN 'no_number' THEN 3 ELSE 4 END,
         g.commitment, g.year;
