-- disclosures_sum: the amounts of a loaded statement's flows do not sum to what was published, or it has none.
-- @severity fail
SELECT d.disclosure_id, d.source, d.locator, d.amount_published, sum(f.amount) AS flows, count(f.flow_id) AS n_flows
FROM disclosures d LEFT JOIN flows f ON f.disclosure_id = d.disclosure_id
WHERE d.outcome = 'loaded'
GROUP BY d.disclosure_id, d.source, d.locator, d.amount_published
HAVING sum(f.amount) IS DISTINCT FROM d.amount_published
ORDER BY ALL;
