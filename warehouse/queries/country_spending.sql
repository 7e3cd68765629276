-- country_spending: money of a country by year, financing entity and intervention group: exactly one measure of one source per row (best_available). Rows of different measures may stand in one chart only when each is named.
-- @param country  text, required: country (alpha-3)
-- @param group  text: only this intervention group, such as harm_reduction
-- @param year  int: only this year
-- @column cites  Where the statements stand, blank-separated: source|address, source|withheld, or source| without an address.
WITH cited AS (
    SELECT f.year, f.year_basis, f.funder, f.funder_type, f.source, f.kind, g.intervention_group,
           words(list(DISTINCT f.source || '|' || coalesce(replace(d.url, ' ', '%20'), CASE WHEN d.raw LIKE '%"withheld":true%' THEN 'withheld' ELSE '' END))) AS cites
    FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id
    LEFT JOIN intervention_groups g ON g.intervention = f.intervention
    WHERE f.counted AND f.country = $country::VARCHAR AND f.year IS NOT NULL
    GROUP BY ALL
)
SELECT b.*, (SELECT words(list(c.cites)) FROM cited c
             WHERE c.year = b.year AND c.year_basis IS NOT DISTINCT FROM b.year_basis AND c.funder IS NOT DISTINCT FROM b.funder AND c.funder_type IS NOT DISTINCT FROM b.funder_type
               AND c.source = b.source AND c.intervention_group IS NOT DISTINCT FROM b.intervention_group AND has_word(b.kinds, c.kind)) AS cites,
       s.title AS source_title, s.publisher, s.home AS source_url
FROM best_available b LEFT JOIN sources s ON s.source = b.source
WHERE b.country = $country::VARCHAR
  AND ($group::VARCHAR IS NULL OR b.intervention_group = $group::VARCHAR)
  AND ($year::INTEGER IS NULL OR b.year = $year::INTEGER)
ORDER BY b.year, b.year_basis, b.intervention_group, b.funder_type, b.funder;
