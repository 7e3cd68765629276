-- flows: flows by any of their main columns, in the order of their ids. Ask for the next page with after = the last flow_id.
-- @param country  text: only this country (alpha-3)
-- @param year  int: only this year
-- @param kind  text: only this kind of money
-- @param funder  text: only this financing entity
-- @param donor  text: only this financing entity, its agencies together: funder_id of page_donors
-- @param funder_type  text: only this type
-- @param intervention  text: only this intervention
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: only interventions of this definition of harm reduction
-- @param source  text: only this source
-- @param activity  text: only this activity
-- @param cycle  text: only this grant cycle
-- @param counted  bool: only flows that count (true) or that do not (false)
-- @param counted_donor  bool: the same in the donor view
-- @param after  text: only flows with a greater flow_id
-- @param limit  int: at most so many rows, 1000 when left out
SELECT * FROM flows
WHERE ($country::VARCHAR IS NULL OR country = $country::VARCHAR)
  AND ($year::INTEGER IS NULL OR year = $year::INTEGER)
  AND ($kind::VARCHAR IS NULL OR kind = $kind::VARCHAR)
  AND ($funder::VARCHAR IS NULL OR funder = $funder::VARCHAR)
  AND ($donor::VARCHAR IS NULL OR coalesce(funder_group, funder) = $donor::VARCHAR)
  AND ($funder_type::VARCHAR IS NULL OR funder_type = $funder_type::VARCHAR)
  AND ($intervention::VARCHAR IS NULL OR intervention = $intervention::VARCHAR)
  AND ($definition::VARCHAR IS NULL OR intervention IN (SELECT d.intervention FROM definitions d WHERE d.definition = $definition::VARCHAR))
  AND ($source::VARCHAR IS NULL OR source = $source::VARCHAR)
  AND ($activity::VARCHAR IS NULL OR activity_id = $activity::VARCHAR)
  AND ($cycle::VARCHAR IS NULL OR cycle = $cycle::VARCHAR)
  AND ($counted::BOOLEAN IS NULL OR counted = $counted::BOOLEAN)
  AND ($counted_donor::BOOLEAN IS NULL OR counted_donor = $counted_donor::BOOLEAN)
  AND ($after::VARCHAR IS NULL OR flow_id > $after::VARCHAR)
ORDER BY flow_id
LIMIT coalesce($limit::INTEGER, 1000);
