-- annual_has_period: a year without a period, or a period that ends before it starts.
-- @severity fail
SELECT flow_id, source, year, period_start, period_end FROM flows
WHERE (year IS NOT NULL AND period_start IS NULL) OR (period_start IS NULL) <> (period_end IS NULL) OR period_end < period_start ORDER BY ALL;
