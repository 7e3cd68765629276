-- documents_known: a statement or value whose document is not in documents.
-- @severity fail
SELECT 'disclosures' AS "table", d.source, d.document_sha256, count(*) AS n FROM disclosures d
LEFT JOIN documents o ON o.sha256 = d.document_sha256 WHERE o.sha256 IS NULL GROUP BY ALL
UNION ALL SELECT 'observations', v.source, v.document_sha256, count(*) FROM observations v
LEFT JOIN documents o ON o.sha256 = v.document_sha256 WHERE o.sha256 IS NULL GROUP BY ALL ORDER BY ALL;
