-- Per payer and year, HIV expenditure of the countries of the file; a 0 there means not reported.
WITH file AS (
    SELECT CASE concept WHEN 'country_reported_hiv_expenditure_by_funding_source_domestic_public' THEN 'Domestic public'
                        WHEN 'country_reported_hiv_expenditure_by_funding_source_domestic_private' THEN 'Domestic private'
                        WHEN 'country_reported_hiv_expenditure_by_funding_source_global_fund' THEN 'Global Fund'
                        WHEN 'country_reported_hiv_expenditure_by_funding_source_other_international' THEN 'Other international' END AS payer,
           year::INTEGER AS year, sum(value::DECIMAL(38,6)) AS amount
    FROM read_csv('{corpus}/unaids/aidsinfo_2019_long_finance_pwid.csv', all_varchar = true, header = true)
    WHERE try_cast(value AS DOUBLE) > 0 GROUP BY 1, 2 HAVING payer IS NOT NULL
), made AS (
    SELECT funder AS payer, year, sum(amount)::DECIMAL(38,6) AS amount FROM flows WHERE source = 'unaids' AND kind = 'expenditure' GROUP BY 1, 2
)
SELECT count(*), count(*) FILTER (m.amount IS NULL OR abs(f.amount - m.amount) > 0.001), min(f.payer || ' ' || f.year || ': ' || f.amount || ' in the file, ' || coalesce(m.amount::VARCHAR, 'nothing') || ' here') FILTER (m.amount IS NULL OR abs(f.amount - m.amount) > 0.001)
FROM file f LEFT JOIN made m ON m.payer = f.payer AND m.year = f.year
