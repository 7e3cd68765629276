-- rejected: statements that could not be read, with the reason.
-- @param source  text: only this source
-- @param limit  int: at most so many rows, 1000 when left out
SELECT r.*, d.name AS document_name, d.url AS document_url
FROM rejected r LEFT JOIN documents d ON d.sha256 = r.document_sha256 AND d.source = r.source
WHERE $source::VARCHAR IS NULL OR r.source = $source::VARCHAR
ORDER BY r.source, r.document_sha256, r.locator, r.disclosure_id LIMIT coalesce($limit::INTEGER, 1000);
