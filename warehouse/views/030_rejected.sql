-- rejected: statements that could not be read, with the reason. Nothing is dropped silently: parsed = loaded + out_of_scope + rejected.
-- @column disclosure_id  The statement (disclosures).
-- @column source  Source id.
-- @column document_sha256  Document it stands in (documents).
-- @column locator  Place in the document.
-- @column raw  JSON of what could be read, personal data removed.
-- @column reason  What is wrong, in plain English, with the value quoted.
-- @column reason_ru  The same in Russian where the source gives it.
-- @column origin  live, given or bundled.
CREATE VIEW rejected AS
SELECT disclosure_id, source, document_sha256, locator, raw, problem AS reason, problem_ru AS reason_ru, origin
FROM disclosures
WHERE outcome = 'rejected';
