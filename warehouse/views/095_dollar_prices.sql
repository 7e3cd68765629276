-- dollar_prices: what a US dollar of one year is in another, by one series for both years: the OECD's deflator of the United States as recorded (deflators), then as published, then the World Bank's GDP deflator. Need is carried with it; flows never are.
-- @column from_year  Year of the prices an amount is in.
-- @column to_year  Year of the prices it is carried to.
-- @column from_value  Index of from_year.
-- @column to_value  Index of to_year: amount * to_value / from_value.
-- @column series  The series in words.
CREATE VIEW dollar_prices AS
WITH indices AS (
    SELECT 1 AS rank, series, year, value FROM deflators WHERE area = 'USA'
    UNION ALL
    SELECT CASE indicator WHEN 'dac_deflator' THEN 2 ELSE 3 END,
           CASE indicator WHEN 'dac_deflator' THEN 'OECD DAC deflator of the United States, as published' ELSE 'GDP deflator of the United States (World Bank)' END, year, value
    FROM best_observations
    WHERE indicator IN ('dac_deflator', 'gdp_deflator') AND area = 'USA'
      AND value > 0 AND value < 1000000 -- what is beyond is no price index: nothing is carried with it
)
SELECT f.year AS from_year, t.year AS to_year, f.value AS from_value, t.value AS to_value, f.series
FROM indices f JOIN indices t ON t.series = f.series
QUALIFY row_number() OVER (PARTITION BY f.year, t.year ORDER BY f.rank, f.series) = 1;
