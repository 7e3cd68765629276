-- unit_costs: what a unit of a service cost in a country and year, beside published unit costs in the prices of that year. Units are as published: needles per person times the number of people, people on opioid agonist therapy as counted. A cost below or above the benchmark is a question to ask, not a verdict: money known is rarely all the money of a service.
-- @question 17
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year of money and units.
-- @column service  nsp or oat.
-- @column spend  Money for the service, nominal US dollars.
-- @column units  Units in that year.
-- @column unit  needle or person on OAT.
-- @column unit_cost  spend / units.
-- @column benchmark_low  Published lower unit cost in US dollars of the year; null where none is published for that unit.
-- @column benchmark_high  Published upper unit cost.
-- @column flag  below, within or above the benchmark.
-- @trace best_flows country=country, year=year, 'calendar'=year_basis, service=intervention -> spend=usd
-- @trace observations country=area, year=year
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), money AS (
    SELECT b.country, b.year, b.intervention AS service, sum(b.usd)::DECIMAL(38,6) AS spend, words(list(b.measure)) AS measures, sum(b.n_without_usd) AS n_without_usd,
           words(list(b.source)) AS source_ids, least_sure(list(b.confidence)) AS confidence, one_status(list(b.status)) AS status
    FROM best_interventions b JOIN asked a ON a.country = b.country
    WHERE b.intervention IN ('nsp', 'oat') AND b.year_basis = 'calendar' AND ($year::INTEGER IS NULL OR b.year = $year::INTEGER)
    GROUP BY b.country, b.year, b.intervention
), units AS (
    SELECT o.area AS country, o.year, 'nsp' AS service, 'needle' AS unit, (round(o.value, 2)::DECIMAL(12,2) * round(p.pwid, 0)::DECIMAL(14,0))::DECIMAL(30,2) AS units, o.source,
           round(o.value, 2)::DECIMAL(12,2) || ' needles x ' || round(p.pwid, 0)::DECIMAL(14,0) || ' people (' || p.source || ', ' || p.pwid_year || ')' AS method
    FROM best_observations o JOIN people_by_year p ON p.country = o.area AND p.year = o.year WHERE o.indicator = 'needles_per_pwid' AND o.value > 0
    UNION ALL
    SELECT area, year, 'oat', 'person on OAT', value::DECIMAL(30,2), source, 'people as counted'
    FROM best_observations WHERE indicator = 'oat_clients' AND value > 0
), benchmark AS (
    SELECT n.to_year AS year, 'oat' AS service, scaled(k.low, n.to_value, n.from_value) AS low, scaled(k.high, n.to_value, n.from_value) AS high
    FROM need_parameters k JOIN dollar_prices n ON n.from_year = k.price_year
    WHERE k.parameter = 'oat_unit_cost'
), rows_of AS (
    SELECT a.country AS asked_country, m.*, u.units, u.unit, scaled(m.spend, 1, u.units) AS unit_cost, b.low, b.high, u.method AS counted, u.source AS unit_source,
           CASE WHEN m.country IS NULL THEN 'no_money_by_service' WHEN u.units IS NULL THEN 'no_units_known' WHEN money_reason(m.measures, m.n_without_usd) <> 'compared' THEN money_reason(m.measures, m.n_without_usd)
                WHEN b.low IS NULL THEN 'no_benchmark' ELSE 'compared' END AS reason
    FROM asked a LEFT JOIN money m ON m.country = a.country
    LEFT JOIN units u ON u.country = m.country AND u.year = m.year AND u.service = m.service
    LEFT JOIN benchmark b ON b.year = m.year AND b.service = m.service
)
SELECT asked_country AS country, year, service, spend, units, unit, unit_cost, low AS benchmark_low, high AS benchmark_high,
       CASE WHEN unit_cost < low THEN 'below' WHEN unit_cost > high THEN 'above' WHEN low IS NOT NULL AND unit_cost IS NOT NULL THEN 'within' END AS flag,
       n_words(words([source_ids, unit_source])) AS n_sources, coalesce(status, 'not_reported') AS status, concat_ws('; ', measures, counted) AS method, confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, words([source_ids, unit_source]) AS source_ids
FROM rows_of
ORDER BY asked_country, year, service;
