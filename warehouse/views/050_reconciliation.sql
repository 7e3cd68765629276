-- reconciliation: money seen by two or more sources, as each of them gives it. One row per financing entity, country, year, kind, intervention, currency and pair of sources; the source that counts comes first. Where it gives no year (budgets of grants), one row per grant instead of year: all its counted money against all that the other source says of that grant.
-- @column funder  Financing entity.
-- @column country  Country; null for grants of several countries.
-- @column year  Year; null where a grant is compared as a whole.
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
-- @column cycle  Grant cycle of the counted flows, where no year is given.
-- @column grant_id  The grant, in the form both sources' identifiers have in common; null where years are compared.
-- @column years  Years of the excluded flows of the grant, first to last; null when they have none.
CREATE VIEW reconciliation AS
WITH by_year AS (
    SELECT funder, country, year, kind, intervention, currency, source,
           sum(amount) FILTER (counted) AS amount_counted,
           sum(amount) FILTER (excluded_by IN ('authority', 'secondary')) AS amount_excluded,
           words(list(excluded_by)) AS rule, NULL::VARCHAR AS cycle, NULL::VARCHAR AS grant_id, NULL::VARCHAR AS years
    FROM flows
    WHERE country IS NOT NULL AND year IS NOT NULL
    GROUP BY ALL
), by_grant AS (
    SELECT funder, country, NULL::INTEGER AS year, kind, intervention, currency, source,
           sum(amount) FILTER (counted) AS amount_counted,
           sum(amount) FILTER (NOT counted) AS amount_excluded,
           words(list(excluded_by)) AS rule, words(list(cycle)) AS cycle, grant_key(activity_id) AS grant_id,
           CASE WHEN min(year) < max(year) THEN min(year) || '-' || max(year) ELSE min(year)::VARCHAR END AS years
    FROM flows
    WHERE activity_id IS NOT NULL AND (counted AND year IS NULL OR excluded_by IN ('authority', 'secondary'))
    GROUP BY ALL
), sides AS (
    FROM by_year UNION ALL BY NAME FROM by_grant
)
SELECT a.funder, a.country, a.year, a.kind, a.intervention, a.currency,
       a.source AS source_counted, a.amount_counted, b.source AS source_excluded, b.amount_excluded,
       b.amount_excluded - a.amount_counted AS difference,
       pct(b.amount_excluded - a.amount_counted, a.amount_counted) AS difference_pct,
       b.rule, a.cycle, a.grant_id, b.years
FROM sides a
JOIN sides b ON b.source <> a.source AND b.kind = a.kind AND b.currency = a.currency
    AND b.funder IS NOT DISTINCT FROM a.funder AND b.country IS NOT DISTINCT FROM a.country AND b.year IS NOT DISTINCT FROM a.year
    AND b.intervention IS NOT DISTINCT FROM a.intervention AND b.grant_id IS NOT DISTINCT FROM a.grant_id
WHERE a.amount_counted IS NOT NULL AND b.amount_excluded IS NOT NULL;
