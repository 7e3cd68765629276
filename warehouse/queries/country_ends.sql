-- country_ends: what ends when: counted money of a country by activity and kind, newest end first: the activity's own last day, else that of its money. Rows without a last day stand at the end: none was published.
-- @param country  text, required: country (alpha-3)
-- @param from  date: only what ends on this day or later
-- @param group  text: only this intervention group, such as harm_reduction
-- @column cites  Where the statements stand, blank-separated: source|address, source|withheld, or source| without an address.
SELECT a.* REPLACE (coalesce(a.ends, a.last_day) AS last_day), g.intervention_group, h.hr_methods, h.flags, h.cites
FROM activities a LEFT JOIN intervention_groups g ON g.intervention = a.intervention
LEFT JOIN (
    SELECT f.activity_id, f.funder, f.funder_type, f.cycle, f.intervention, f.kind, f.source, words(list(f.hr_method)) AS hr_methods, words(list(f.flags)) AS flags,
           words(list(DISTINCT f.source || '|' || coalesce(replace(d.url, ' ', '%20'), CASE WHEN d.raw LIKE '%"withheld":true%' THEN 'withheld' ELSE '' END))) AS cites
    FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id
    WHERE f.counted AND f.country = $country::VARCHAR AND f.activity_id IS NOT NULL
    GROUP BY ALL
) h ON h.activity_id = a.activity_id AND h.intervention = a.intervention AND h.kind = a.kind AND h.source = a.source
   AND h.funder IS NOT DISTINCT FROM a.funder AND h.funder_type IS NOT DISTINCT FROM a.funder_type AND h.cycle IS NOT DISTINCT FROM a.cycle
WHERE a.country = $country::VARCHAR
  AND ($from::DATE IS NULL OR coalesce(a.ends, a.last_day) >= $from::DATE)
  AND ($group::VARCHAR IS NULL OR g.intervention_group = $group::VARCHAR)
ORDER BY coalesce(a.ends, a.last_day) DESC NULLS LAST, a.activity_id, a.kind, a.intervention;
