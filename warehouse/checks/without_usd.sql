-- without_usd: money without US dollars: no rate is known for the currency and period.
-- @severity warn
SELECT source, currency, year, count(*) AS n FROM flows WHERE counted AND usd IS NULL GROUP BY ALL ORDER BY ALL;
