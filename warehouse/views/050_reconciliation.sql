-- reconciliation: money seen by two or more sources, as each of them gives it. One row per financing entity, country, year, kind, intervention, currency and pair of sources; the source that counts comes first.
-- @column funder  Financing entity.
-- @column country  Country.
-- @column year  Year.
-- @column kind  Kind of money.
-- @column intervention  What the money buys.
-- @column currency  ISO 4217 of both amounts.
-- @column source_counted  Source whose flows count.
-- @column amount_counted  Sum of its counted flows.
-- @column source_excluded  Source whose flows went to the ledger.
-- @column amount_excluded  Sum of its excluded flows.
-- @column difference  amount_excluded - amount_counted.
-- @column difference_pct  Difference in per cent of the counted amount.
-- @column rule  Rules that excluded them.
CREATE VIEW reconciliation AS
WITH by_source AS (
    SELECT funder, country, year, kind, intervention, currency, source,
           sum(amount) FILTER (counted) AS amount_counted,
           sum(amount) FILTER (excluded_by IN ('authority', 'secondary')) AS amount_excluded,
           words(list(excluded_by)) AS rule
    FROM flows
    WHERE country IS NOT NULL AND year IS NOT NULL
    GROUP BY ALL
)
SELECT a.funder, a.country, a.year, a.kind, a.intervention, a.currency,
       a.source AS source_counted, a.amount_counted, b.source AS source_excluded, b.amount_excluded,
       b.amount_excluded - a.amount_counted AS difference,
       pct(b.amount_excluded - a.amount_counted, a.amount_counted) AS difference_pct,
       b.rule
FROM by_source a
JOIN by_source b ON b.source <> a.source
    AND b.funder IS NOT DISTINCT FROM a.funder AND b.country = a.country AND b.year = a.year AND b.kind = a.kind
    AND b.intervention IS NOT DISTINCT FROM a.intervention AND b.currency = a.currency
WHERE a.amount_counted IS NOT NULL AND b.amount_excluded IS NOT NULL;
