-- spending_years: counted money of a country by year, kind and intervention, the year being that of the transaction or that of the value date, as asked. Where a statement has one date only, both are that. Kinds are never added together; a difference between the two answers is money moved between years, never money more or less.
-- @param country  text, required: country (alpha-3)
-- @param by  text of transaction|value: transaction when left out
-- @param kind  text: only this kind of money
-- @column year  Year of the date asked for; null where none was published.
-- @column by  transaction or value.
-- @column year_basis  calendar, us_fiscal, ...
-- @column kind  Kind of money.
-- @column intervention  What the money buys (interventions).
-- @column usd  Nominal US dollars of the flows with a known rate. The rate is that of the value date in both answers.
-- @column n_flows  Flows in the row.
-- @column n_without_usd  Flows without a known rate, not in usd.
-- @column n_moved  Flows whose other date falls into another year.
-- @column sources  Sources, blank-separated.
-- @trace flows country=country, 'true'=counted, kind=kind, intervention=intervention
SELECT $country::VARCHAR AS country, CASE WHEN $by::VARCHAR = 'value' THEN coalesce(value_year, year) ELSE year END AS year, coalesce($by::VARCHAR, 'transaction') AS by,
       year_basis, kind, intervention, sum(usd)::DECIMAL(38,6) AS usd, count(*) AS n_flows, count(*) - count(usd) AS n_without_usd,
       count(*) FILTER (value_year IS NOT NULL AND value_year IS DISTINCT FROM year) AS n_moved, words(list(DISTINCT source)) AS sources
FROM flows
WHERE counted AND country = $country::VARCHAR AND ($kind::VARCHAR IS NULL OR kind = $kind::VARCHAR)
GROUP BY ALL
ORDER BY year NULLS LAST, year_basis, kind, intervention;
