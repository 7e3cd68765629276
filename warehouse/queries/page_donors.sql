-- page_donors: financing entities by the flows that count in the donor view, and what they cover. Amounts are not here: kinds, years and cycles of one donor do not add up (page_donor has them apart).
-- @param type  text: only this type of funder
SELECT coalesce(f.funder_group, f.funder) AS funder_id, min(f.funder) AS funder, min(f.funder_type) AS funder_type, count(*) AS n_flows,
       count(*) FILTER (d.intervention IS NOT NULL) AS n_hr_flows, count(DISTINCT f.country) AS n_countries,
       min(f.year) AS first_year, max(f.year) AS latest_year, max(f.year) FILTER (d.intervention IS NOT NULL AND f.usd > 0) AS latest_hr_year,
       words(list(DISTINCT f.kind)) AS kinds, array_to_string(list_sort(list(DISTINCT f.cycle) FILTER (f.cycle IS NOT NULL)), '; ') AS cycles, words(list(DISTINCT f.source)) AS sources, words(list(DISTINCT f.origin)) AS origin
FROM flows f LEFT JOIN definitions d ON d.intervention = f.intervention AND d.definition = 'hri'
WHERE f.counted_donor AND f.funder IS NOT NULL AND ($type::VARCHAR IS NULL OR f.funder_type = $type::VARCHAR)
GROUP BY 1 ORDER BY n_hr_flows DESC, n_flows DESC, funder;
