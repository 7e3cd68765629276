-- ledger_balances: the flows that count and the ledger of those that do not differ from the gross sum of a source, currency and kind.
-- @severity fail
SELECT f.source, f.currency, f.kind, sum(f.amount) AS gross, sum(f.amount) FILTER (f.counted) AS counted, any_value(e.excluded) AS excluded
FROM flows f
LEFT JOIN (SELECT source, currency, kind, sum(amount) AS excluded FROM excluded GROUP BY ALL) e
    ON e.source = f.source AND e.currency IS NOT DISTINCT FROM f.currency AND e.kind = f.kind
GROUP BY f.source, f.currency, f.kind
HAVING coalesce(sum(f.amount), 0) <> coalesce(sum(f.amount) FILTER (f.counted), 0) + coalesce(any_value(e.excluded), 0)
ORDER BY ALL;
