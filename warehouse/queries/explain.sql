-- explain: one flow down to the bytes it came from: the flow, the statement it was made from with its quoted fields, and the document.
-- @param flow_id  text, required: the flow
SELECT f.*, d.locator, d.url AS statement_url, d.amount_published, d.currency AS currency_published, d.title AS title_published, d.part_of, d.raw,
       o.sha256 AS document_sha256, o.name AS document_name, o.url AS document_url, o.role AS document_role, o.size AS document_size,
       o.retrieved, o.licence, o.compiled, o.cites,
       s.title AS source_title, s.publisher AS source_publisher, s.home AS source_home
FROM flows f
LEFT JOIN disclosures d ON d.disclosure_id = f.disclosure_id
LEFT JOIN documents o ON o.sha256 = d.document_sha256 AND o.source = f.source
LEFT JOIN sources s ON s.source = f.source
WHERE f.flow_id = $flow_id::VARCHAR;
