-- need_funded: what share of need is funded: harm reduction money of a country and year against our own estimate of need in the prices of that year. Need is an estimate of this project (needs), by two methods that are never mixed; the share is a range. With an area, one row more: its countries that have both money and an estimate.
-- @question 2
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area, and the area itself
-- @param year  int: only this year
-- @param method  text of bottom_up|top_down: bottom_up when left out; top_down is illustrative
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, hri when left out
-- @column area  Country (alpha-3), or the area asked for.
-- @column year  Year of the money and of the prices of the need.
-- @column definition  Definition of harm reduction.
-- @column need_method  bottom_up or top_down.
-- @column need_low  Lower estimate of need, US dollars of the year.
-- @column need_central  Central estimate; null where the method gives a range only.
-- @column need_high  Upper estimate.
-- @column need_vintage  Year of the number of people it starts from, and the prices.
-- @column spend  Harm reduction money, nominal US dollars.
-- @column gap_low  need_low - spend; negative when more than that is funded.
-- @column gap_central  need_central - spend.
-- @column gap_high  need_high - spend.
-- @column funded_pct_low  spend in per cent of need_high.
-- @column funded_pct  spend in per cent of need_central.
-- @column funded_pct_high  spend in per cent of need_low.
-- @column n_countries  Countries in the row.
-- @trace area_flows area=area, definition=definition, year=year
-- @trace needs_by_year area=country, year=year, need_method=method
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), money AS (
    SELECT h.country, h.year, sum(h.usd)::DECIMAL(38,6) AS spend, count(*) AS n_bases, words(list(h.measures)) AS measures, sum(h.n_without_usd) AS n_without_usd,
           words(list(h.sources)) AS source_ids, least_sure(list(h.confidence)) AS confidence, one_status(list(h.status)) AS status, any_value(h.reason) AS reason
    FROM harm_reduction_years h JOIN asked a ON a.country = h.country
    WHERE h.definition = coalesce($definition::VARCHAR, 'hri') AND ($year::INTEGER IS NULL OR h.year = $year::INTEGER)
    GROUP BY h.country, h.year
), rows_of AS (
    SELECT a.country, m.year AS year, n.low, n.central, n.high, n.pwid_year, n.price_basis, n.inputs,
           CASE WHEN m.n_bases = 1 THEN m.spend END AS spend, m.measures, m.source_ids, m.confidence, m.status,
           CASE WHEN m.country IS NULL THEN 'no_money_known'
                WHEN m.n_bases > 1 THEN 'part_in_other_year_basis'
                WHEN m.spend IS NULL THEN 'some_without_usd'
                WHEN n.country IS NULL AND NOT EXISTS (SELECT 1 FROM people_by_year p WHERE p.country = a.country) THEN 'no_people_known'
                WHEN n.country IS NULL THEN 'price_basis_differs'
                WHEN coalesce($method::VARCHAR, 'bottom_up') = 'bottom_up' AND coalesce($definition::VARCHAR, 'hri') NOT IN ('hri', 'core-3') THEN 'definition_differs'
                ELSE m.reason END AS reason, m.n_without_usd
    FROM asked a
    LEFT JOIN money m ON m.country = a.country
    LEFT JOIN needs_by_year n ON n.country = a.country AND n.year = m.year AND n.method = coalesce($method::VARCHAR, 'bottom_up')
), area_row AS ( -- only what has both sides, and says of how many countries
    SELECT $area::VARCHAR AS country, year, sum(low)::DECIMAL(38,6) AS low, sum(central)::DECIMAL(38,6) AS central, sum(high)::DECIMAL(38,6) AS high,
           'countries with money and an estimate of need' AS inputs, sum(spend)::DECIMAL(38,6) AS spend, words(list(measures)) AS measures,
           words(list(source_ids)) AS source_ids, least_sure(list(confidence)) AS confidence, one_status(list(status)) AS status,
           count(*) AS n_countries,
           CASE WHEN count(*) * 10 < 8 * any_value((SELECT count(DISTINCT m.country) FROM area_members m WHERE m.area = $area::VARCHAR AND in_area(m."from", m."to", rows_of.year))) THEN 'coverage_too_low'
                WHEN count(*) FILTER (reason <> 'compared') > 0 THEN min(reason) FILTER (reason <> 'compared') ELSE 'compared' END AS reason
    FROM rows_of
    WHERE $area::VARCHAR IS NOT NULL AND $country::VARCHAR IS NULL AND spend > 0 AND high IS NOT NULL
      AND EXISTS (SELECT 1 FROM area_members m WHERE m.area = $area::VARCHAR AND m.country = rows_of.country AND in_area(m."from", m."to", rows_of.year))
    GROUP BY year
), both_rows AS (
    SELECT *, 1 AS n_countries FROM rows_of UNION ALL BY NAME FROM area_row
)
SELECT country AS area, year, coalesce($definition::VARCHAR, 'hri') AS definition, coalesce($method::VARCHAR, 'bottom_up') AS need_method,
       low AS need_low, central AS need_central, high AS need_high,
       CASE WHEN pwid_year IS NOT NULL THEN 'people of ' || pwid_year || ', ' || price_basis END AS need_vintage, spend,
       (low - spend)::DECIMAL(38,6) AS gap_low, (central - spend)::DECIMAL(38,6) AS gap_central, (high - spend)::DECIMAL(38,6) AS gap_high,
       CASE WHEN spend > 0 THEN pct(spend, high) END AS funded_pct_low, CASE WHEN spend > 0 THEN pct(spend, central) END AS funded_pct, CASE WHEN spend > 0 THEN pct(spend, low) END AS funded_pct_high, n_countries,
       n_words(source_ids) AS n_sources, coalesce(status, 'not_reported') AS status, concat_ws('; need ', measures, inputs) AS method, confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM both_rows
ORDER BY area, year;
