-- rejected_statements: a source with statements that could not be read (rejected).
-- @severity warn
SELECT source, count(*) AS n, min(reason) AS first_reason FROM rejected GROUP BY source ORDER BY ALL;
