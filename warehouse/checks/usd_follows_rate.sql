-- usd_follows_rate: US dollars that are not amount / rate, to within what rounding and the largest remainder can move between the parts of a statement.
-- @severity fail
SELECT flow_id, source, amount, currency, rate, usd FROM flows
WHERE usd IS NOT NULL AND abs(usd * rate - amount) > 0.000003 * rate + 0.000003 ORDER BY ALL;
