-- disclosure_ids_unique: a disclosure_id that occurs more than once.
-- @severity fail
SELECT disclosure_id, count(*) AS n FROM disclosures GROUP BY disclosure_id HAVING count(*) > 1 OR disclosure_id IS NULL ORDER BY ALL;
