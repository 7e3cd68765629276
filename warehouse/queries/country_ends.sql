-- country_ends: what ends when: counted money of a country by activity and kind, newest end first. Rows without a last day stand at the end: none was published.
-- @param country  text, required: country (alpha-3)
-- @param from  date: only what ends on this day or later
-- @param group  text: only this intervention group, such as harm_reduction
SELECT a.*, g.intervention_group
FROM activities a LEFT JOIN intervention_groups g ON g.intervention = a.intervention
WHERE a.country = $country::VARCHAR
  AND ($from::DATE IS NULL OR a.last_day >= $from::DATE)
  AND ($group::VARCHAR IS NULL OR g.intervention_group = $group::VARCHAR)
ORDER BY a.last_day DESC NULLS LAST, a.activity_id, a.kind, a.intervention;
