-- withheld: something that names who carries the work out in a country where that is withheld, alone or among others, without consent recorded in the flags of the flow: an implementer or channel; a grant's code, which is made of its recipient's name, in any column of flows, disclosures, observations or documents; or what a withheld statement and its document must not say. Only the place is given: this goes into logs.
-- @severity fail
WITH consent AS (
    SELECT disclosure_id FROM flows WHERE list_contains(string_split(flags, ' '), 'consent')
), hidden AS (
    SELECT DISTINCT disclosure_id FROM flows WHERE list_contains(string_split(flags, ' '), 'statement_withheld')
), hidden_documents AS ( -- every loaded statement of theirs is withheld
    SELECT document_sha256 FROM disclosures WHERE outcome = 'loaded'
    GROUP BY document_sha256 HAVING bool_and(disclosure_id IN (FROM hidden))
), texts AS ( -- every column, so that none is forgotten, but the decimals, which are slow to write out
    SELECT 'flows' AS "table", flow_id AS id, concat_ws(' ', *COLUMNS(* EXCLUDE (amount, share, usd, usd_constant, rate, hr_share_low, hr_share, hr_share_high))) AS everything
    FROM flows WHERE disclosure_id NOT IN (FROM consent)
    UNION ALL SELECT 'disclosures', disclosure_id, concat_ws(' ', *COLUMNS(* EXCLUDE (amount_published)))
    FROM disclosures WHERE disclosure_id NOT IN (FROM consent)
    UNION ALL SELECT 'observations', concat_ws(' ', source, indicator, area, year), concat_ws(' ', *COLUMNS(* EXCLUDE ("value", low, high)))
    FROM observations
    UNION ALL SELECT 'documents', sha256, concat_ws(' ', *COLUMNS(*))
    FROM documents WHERE sha256 NOT IN (SELECT document_sha256 FROM disclosures WHERE disclosure_id IN (FROM consent))
)
SELECT 'flows' AS "table", flow_id AS id, 'names an implementer or channel' AS what FROM flows
WHERE (country IN (SELECT country FROM withhold) OR list_has_any(string_split(countries, ' '), (SELECT list(country) FROM withhold))) AND disclosure_id NOT IN (FROM consent)
  AND (coalesce(implementer, '') NOT IN ('', 'withheld') OR coalesce(channel, '') NOT IN ('', 'withheld'))
UNION ALL
SELECT "table", id, 'holds the code of a grant' FROM texts
WHERE list_has_any(regexp_extract_all(upper(everything), '\b([A-Z]{3})-[A-Z]-[A-Z]', 1), (SELECT list(country) FROM withhold))
UNION ALL
SELECT 'flows', flow_id, 'is withheld and has a title or an activity' FROM flows
WHERE disclosure_id IN (FROM hidden) AND (title IS NOT NULL OR stands_for_group IS NOT NULL OR activity_id NOT LIKE 'withheld-%')
UNION ALL
SELECT 'disclosures', disclosure_id, 'is withheld and has a title, an address or its quoted fields' FROM disclosures
WHERE disclosure_id IN (FROM hidden) AND (title IS NOT NULL OR url IS NOT NULL OR raw <> '{"withheld":true}' OR activity_id NOT LIKE 'withheld-%')
UNION ALL
SELECT 'documents', sha256, 'holds withheld statements only and has a name or an address' FROM documents
WHERE sha256 IN (FROM hidden_documents) AND (name <> 'withheld' OR url IS NOT NULL OR cites IS NOT NULL)
ORDER BY ALL;
