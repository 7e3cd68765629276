-- commitments: the register of promises.
-- @param commitment  text: only this one
-- @param kind  text: only this kind, such as coverage or finance share
-- @param force  text: only this force: resolution, strategy, guidance, pledge, law, ask and others
-- @param bound  text: only those that bind this area or country (alpha-3), itself or as a member
-- @param year  int: only those due in this year
SELECT * FROM commitments
WHERE ($commitment::VARCHAR IS NULL OR id = $commitment::VARCHAR)
  AND ($kind::VARCHAR IS NULL OR kind = $kind::VARCHAR)
  AND ($force::VARCHAR IS NULL OR "force" = $force::VARCHAR)
  AND ($bound::VARCHAR IS NULL OR bound = $bound::VARCHAR OR bound IN (SELECT area FROM area_members WHERE country = $bound::VARCHAR))
  AND ($year::INTEGER IS NULL OR target_year = $year::INTEGER)
ORDER BY adopted, id;
