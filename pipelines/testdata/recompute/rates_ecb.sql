-- Money at the reference rates of the ECB: units per dollar = units per euro / dollars per euro of the day the row names.
WITH file AS (
    SELECT area, period_start, value::DOUBLE AS value FROM observations WHERE indicator = 'fx_ecb' AND value > 0
    UNION ALL SELECT 'EUR', period_start, 1 FROM observations WHERE indicator = 'fx_ecb' AND area = 'USD'
), made AS (
    SELECT f.flow_id, f.amount::DOUBLE AS amount, f.usd::DOUBLE AS usd, f.rate::DOUBLE AS rate, c.value / d.value AS cross_rate
    FROM flows f LEFT JOIN file c ON c.area = f.currency AND c.period_start = f.rate_date LEFT JOIN file d ON d.area = 'USD' AND d.period_start = f.rate_date
    WHERE f.rate_source = 'fx_ecb'
)
SELECT count(*), count(*) FILTER (cross_rate IS NULL OR abs(rate - cross_rate) > 1e-11 OR abs(usd - amount / cross_rate) > 0.000002 + 1e-9 * abs(usd)), min(flow_id) FILTER (cross_rate IS NULL OR abs(rate - cross_rate) > 1e-11 OR abs(usd - amount / cross_rate) > 0.000002 + 1e-9 * abs(usd))
FROM made
