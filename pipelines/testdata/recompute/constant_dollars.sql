-- Constant dollars by the DAC deflator: nominal dollars x 100 / deflator of the donor's year (base year = 100): the row's year, or of a transaction whose dollars were made at a value date, that date's.
WITH made AS (
    SELECT f.flow_id, f.usd::DOUBLE AS usd, f.usd_constant::DOUBLE AS usd_constant, x.value::DOUBLE AS deflator
    FROM flows f LEFT JOIN observations x ON x.indicator = 'dac_deflator' AND x.area = split_part(f.deflator, ':', 2) AND x.year = CASE WHEN f.currency <> 'USD' AND f.period_start = f.period_end THEN coalesce(f.value_year, f.year) ELSE f.year END
    WHERE f.deflator LIKE 'dac:%'
)
SELECT count(*), count(*) FILTER (deflator IS NULL OR abs(usd_constant - usd * 100 / deflator) > 0.00001 + 1e-9 * abs(usd_constant)), min(flow_id) FILTER (deflator IS NULL OR abs(usd_constant - usd * 100 / deflator) > 0.00001 + 1e-9 * abs(usd_constant))
FROM made
