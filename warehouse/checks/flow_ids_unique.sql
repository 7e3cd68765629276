-- flow_ids_unique: a flow_id that occurs more than once.
-- @severity fail
SELECT flow_id, count(*) AS n FROM flows GROUP BY flow_id HAVING count(*) > 1 OR flow_id IS NULL ORDER BY ALL;
