-- flows_have_disclosures: a flow whose statement is not among the loaded disclosures.
-- @severity fail
SELECT f.flow_id, f.source, f.disclosure_id
FROM flows f LEFT JOIN disclosures d ON d.disclosure_id = f.disclosure_id AND d.outcome = 'loaded'
WHERE d.disclosure_id IS NULL ORDER BY ALL;
