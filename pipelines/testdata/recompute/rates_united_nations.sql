-- Transactions at the operational rate: the newest rate of the file at the value date, which the statement quotes, else at the transaction's; and dollars = amount / rate.
WITH file AS (
    SELECT area, period_start, value FROM observations WHERE indicator = 'fx_un' AND value > 0
), dated AS (
    SELECT f.*, coalesce(try_cast(d.raw ->> '$.value."@value-date"' AS DATE), f.period_start) AS day
    FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id
    WHERE f.rate_source = 'fx_un' AND f.period_start = f.period_end AND d.raw NOT LIKE '%"withheld":true%'
), made AS (
    SELECT m.*, (SELECT arg_max(r.value, r.period_start) FROM file r WHERE r.area = m.currency AND r.period_start <= m.day) AS newest FROM dated m
)
SELECT count(*), count(*) FILTER (abs(usd::DOUBLE - amount::DOUBLE / rate::DOUBLE) > 0.000002 + 1e-11 * abs(usd::DOUBLE) OR rate <> newest),
       min(flow_id) FILTER (abs(usd::DOUBLE - amount::DOUBLE / rate::DOUBLE) > 0.000002 + 1e-11 * abs(usd::DOUBLE) OR rate <> newest)
FROM made
