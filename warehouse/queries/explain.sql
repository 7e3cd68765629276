-- explain: one flow down to the bytes it came from: the flow, the rules that say what it buys, the published rate and deflator its dollars were made with, the statement it was made from with its quoted fields, and the document.
-- @param flow_id  text, required: the flow
SELECT f.*,
       (SELECT array_to_string(list_sort(list(concat_ws(' ', u.id || ':', u.kind, u.scheme, '"' || u.written || '"', 'for ' || u.intervention || ', by ' || u.author || ' on ' || u.date, u.source, u.note))), '; ')
        FROM rules u WHERE list_contains(string_split(f.hr_rule, '+'), u.id)) AS rules_in_words,
       (SELECT c.en FROM counting_rules c WHERE c.rule = coalesce(f.excluded_by, f.excluded_by_donor) LIMIT 1) AS excluded_in_words,
       r.value AS rate_published, r.unit AS rate_unit, r.document_sha256 AS rate_document, r.locator AS rate_locator, r.url AS rate_url,
       x.value AS deflator_published, x.unit AS deflator_unit, x.document_sha256 AS deflator_document, x.locator AS deflator_locator, x.url AS deflator_url,
       d.locator, d.url AS statement_url, d.amount_published, d.currency AS currency_published, d.title AS title_published, d.part_of, d.raw,
       o.sha256 AS document_sha256, o.name AS document_name, o.url AS document_url, o.role AS document_role, o.size AS document_size,
       CASE WHEN f.origin <> 'bundled' THEN o.retrieved END AS retrieved, o.licence, o.compiled, o.cites,
       s.title AS source_title, s.publisher AS source_publisher, s.home AS source_home
FROM flows f
LEFT JOIN disclosures d ON d.disclosure_id = f.disclosure_id
LEFT JOIN documents o ON o.sha256 = d.document_sha256 AND o.source = f.source
LEFT JOIN sources s ON s.source = f.source
LEFT JOIN observations r ON r.indicator = f.rate_source AND r.area = f.currency AND r.period_start IS NOT DISTINCT FROM f.rate_date
LEFT JOIN observations x ON x.indicator = split_part(f.deflator, ':', 1) || '_deflator' AND x.area = split_part(f.deflator, ':', 2) AND x.year = coalesce(try_cast(split_part(f.deflator, ':', 3) AS INTEGER), f.year)
WHERE f.flow_id = $flow_id::VARCHAR
QUALIFY row_number() OVER (ORDER BY r.locator, x.locator) = 1;
