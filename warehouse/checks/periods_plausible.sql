-- periods_plausible: a flow outside the years 1980 to 2040.
-- @severity warn
SELECT flow_id, source, year, period_start, period_end FROM flows WHERE year NOT BETWEEN 1980 AND 2040 ORDER BY ALL;
