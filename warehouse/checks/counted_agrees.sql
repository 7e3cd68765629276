-- counted_agrees: a flow that counts and names a rule that excludes it, or does not count and names none.
-- @severity fail
SELECT flow_id, source, counted, excluded_by, counted_donor, excluded_by_donor FROM flows
WHERE counted IS NULL OR counted_donor IS NULL OR counted = (coalesce(excluded_by, '') <> '') OR counted_donor = (coalesce(excluded_by_donor, '') <> '') ORDER BY ALL;
