-- spending_by_source: how much was spent on harm reduction in a country each year, and whose money it was. One measure of one source per financing entity (best_available); a year between the first and the last with money for which nothing is known stands as not_reported, never as 0.
-- @question 1
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param from  int: from this year on
-- @param to  int: up to this year
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, hri when left out
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis; null where no year is known at all.
-- @column year_basis  calendar or us_fiscal: rows of different bases are not added.
-- @column definition  Definition of harm reduction.
-- @column source_type  Whose money: domestic_public, global_fund, pepfar, other_bilateral, multilateral, philanthropic, private, international_unspecified, unknown.
-- @column usd_current  Nominal US dollars of the flows with a known rate.
-- @column usd_constant  US dollars of price_year; null unless all of it has a deflator.
-- @column price_year  Year of the constant prices.
-- @column amount  In the currency published, where it is one.
-- @column local_currency  That currency.
-- @column n_without_usd  Flows without a known rate, not in usd_current.
-- @trace harm_reduction_flows definition=definition, country=country, year=year, year_basis=year_basis, source_type=money_source -> usd_current=usd
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), money AS (
    SELECT h.country, h.year, h.year_basis, h.definition, h.money_source, sum(h.usd)::DECIMAL(38,6) AS usd_current,
           CASE WHEN count(h.usd_constant) = count(*) THEN sum(h.usd_constant)::DECIMAL(38,6) END AS usd_constant,
           CASE WHEN min(h.currency) = max(h.currency) AND count(h.currency) = count(*) THEN sum(h.amount)::DECIMAL(38,6) END AS amount,
           CASE WHEN min(h.currency) = max(h.currency) AND count(h.currency) = count(*) THEN min(h.currency) END AS local_currency,
           sum(h.n_without_usd)::BIGINT AS n_without_usd, words(list(h.measure)) AS measures, words(list(h.hr_methods)) AS hr_methods,
           least_sure(list(h.confidence)) AS confidence, one_status(list(h.status)) AS status, words(list(h.source)) AS source_ids
    FROM harm_reduction h JOIN asked a ON a.country = h.country
    WHERE h.definition = coalesce($definition::VARCHAR, 'hri')
      AND ($from::INTEGER IS NULL OR h.year >= $from::INTEGER) AND ($to::INTEGER IS NULL OR h.year <= $to::INTEGER)
    GROUP BY h.country, h.year, h.year_basis, h.definition, h.money_source
), spans AS ( -- every year asked for, or from the first to the last with money
    SELECT country, unnest(CASE WHEN first <= last THEN range(first, last + 1) ELSE [NULL] END)::INTEGER AS year
    FROM (SELECT a.country, coalesce($from::INTEGER, min(m.year)) AS first, coalesce($to::INTEGER, max(m.year)) AS last
          FROM asked a LEFT JOIN money m ON m.country = a.country GROUP BY a.country)
)
SELECT s.country, s.year, m.year_basis, coalesce($definition::VARCHAR, 'hri') AS definition, m.money_source AS source_type,
       m.usd_current, m.usd_constant, CASE WHEN m.usd_constant IS NOT NULL THEN (SELECT max(price_year) FROM flows) END AS price_year,
       m.amount, m.local_currency, m.n_without_usd,
       n_words(m.source_ids) AS n_sources, coalesce(m.status, 'not_reported') AS status, concat_ws('; ', m.measures, m.hr_methods) AS method, m.confidence,
       coalesce(m.reason = 'compared', false) AS comparable, coalesce(m.reason, 'no_money_known') AS reason, reason_en(coalesce(m.reason, 'no_money_known')) AS reason_en, (SELECT max(release) FROM releases) AS release_id, m.source_ids
FROM spans s LEFT JOIN (SELECT *, CASE WHEN usd_current <= 0 THEN 'corrections_only' ELSE money_reason(measures, n_without_usd) END AS reason FROM money) m ON m.country = s.country AND m.year = s.year
ORDER BY s.country, s.year, m.year_basis, m.money_source;
