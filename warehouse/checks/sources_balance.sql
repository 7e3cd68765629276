-- sources_balance: a source whose statements do not add up: parsed = loaded + out_of_scope + rejected, and loaded and rejected are the rows of disclosures.
-- @severity fail
SELECT s.source, s.parsed, s.loaded, s.out_of_scope, s.rejected,
       count(d.disclosure_id) FILTER (d.outcome = 'loaded') AS loaded_rows, count(d.disclosure_id) FILTER (d.outcome = 'rejected') AS rejected_rows
FROM sources s LEFT JOIN disclosures d ON d.source = s.source
GROUP BY s.source, s.parsed, s.loaded, s.out_of_scope, s.rejected
HAVING s.parsed IS DISTINCT FROM s.loaded + s.out_of_scope + s.rejected
    OR s.loaded IS DISTINCT FROM count(d.disclosure_id) FILTER (d.outcome = 'loaded')
    OR s.rejected IS DISTINCT FROM count(d.disclosure_id) FILTER (d.outcome = 'rejected')
ORDER BY ALL;
