-- documents: one row per document of this release.
-- @param source  text: only this source
SELECT * FROM documents WHERE $source::VARCHAR IS NULL OR source = $source::VARCHAR ORDER BY source, role, url, sha256;
