-- needs: what harm reduction would cost in a country in a year. These are estimates of this project, by two methods that are never mixed: no per-country need is published. Bottom-up multiplies people by coverage by unit costs (a range, without an invented middle); top-down shares the published total of low- and middle-income countries by people, whatever prices are. Unit costs are in the prices of their own years (need_parameters). Countries are ranked only where ranges do not overlap.
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year of the population size.
-- @column method  bottom_up or top_down.
-- @column low  Lower estimate, US dollars a year.
-- @column central  Central estimate, US dollars a year; null where the method gives a range only.
-- @column high  Upper estimate, US dollars a year.
-- @column unit  USD per year.
-- @column price_basis  Prices the estimate is in.
-- @column pwid  Number of people who inject drugs it starts from.
-- @column latest  Whether it starts from the newest population size of the country.
-- @column source  Source of the population size.
-- @column inputs  The calculation in words, with every number.
CREATE TABLE needs AS
WITH p AS (
    SELECT area AS country, year, value AS pwid, coalesce(low, value) AS pwid_low, coalesce(high, value) AS pwid_high, latest, source
    FROM best_observations
    WHERE indicator = 'pwid_size' AND value IS NOT NULL AND area IN (SELECT iso3 FROM countries)
), k AS ( -- the parameters, one column each
    SELECT round(max(low) FILTER (parameter = 'nsp_unit_cost'), 2)::DECIMAL(9,2) AS nsp_low, round(max(high) FILTER (parameter = 'nsp_unit_cost'), 2)::DECIMAL(9,2) AS nsp_high,
           round(max(low) FILTER (parameter = 'oat_unit_cost'), 2)::DECIMAL(9,2) AS oat_low, round(max(high) FILTER (parameter = 'oat_unit_cost'), 2)::DECIMAL(9,2) AS oat_high,
           round(max(low) FILTER (parameter = 'nsp_coverage'), 2)::DECIMAL(4,2) AS nsp_cover_low, round(max(high) FILTER (parameter = 'nsp_coverage'), 2)::DECIMAL(4,2) AS nsp_cover_high,
           round(max(low) FILTER (parameter = 'oat_coverage'), 2)::DECIMAL(4,2) AS oat_cover_low, round(max(high) FILTER (parameter = 'oat_coverage'), 2)::DECIMAL(4,2) AS oat_cover_high,
           round(max(central) FILTER (parameter = 'management_share'), 2)::DECIMAL(4,2) AS management,
           round(max(central) FILTER (parameter = 'lmic_need'), 2)::DECIMAL(15,2) AS lmic_need,
           round(max(central) FILTER (parameter = 'lmic_pwid'), 0)::DECIMAL(12,0) AS lmic_pwid
    FROM need_parameters
)
SELECT country, year, 'bottom_up' AS method,
       (pwid_low::DECIMAL(22,2) * (nsp_cover_low * nsp_low + oat_cover_low * oat_low) * (1 + management))::DECIMAL(38,6) AS low,
       NULL::DECIMAL(38,6) AS central,
       (pwid_high::DECIMAL(22,2) * (nsp_cover_high * nsp_high + oat_cover_high * oat_high) * (1 + management))::DECIMAL(38,6) AS high,
       'USD per year' AS unit,
       'USD of the unit costs'' own years' AS price_basis,
       pwid, latest, source,
       'low: ' || round(pwid_low, 0)::DECIMAL(18,0) || ' people x (' || nsp_cover_low || ' x ' || nsp_low || ' + ' || oat_cover_low || ' x ' || oat_low || ' USD) x (1 + ' || management
       || '); high: ' || round(pwid_high, 0)::DECIMAL(18,0) || ' people x (' || nsp_cover_high || ' x ' || nsp_high || ' + ' || oat_cover_high || ' x ' || oat_high || ' USD) x (1 + ' || management
       || '); all people who inject drugs taken as dependent on opioids' AS inputs
FROM p, k
UNION ALL
SELECT country, year, 'top_down',
       CASE WHEN pwid_low <> pwid_high THEN scaled(lmic_need, pwid_low, lmic_pwid)::DECIMAL(38,6) END,
       scaled(lmic_need, pwid, lmic_pwid)::DECIMAL(38,6),
       CASE WHEN pwid_low <> pwid_high THEN scaled(lmic_need, pwid_high, lmic_pwid)::DECIMAL(38,6) END,
       'USD per year', 'USD of 2019 (inferred)', pwid, latest, source,
       round(lmic_need, 0)::DECIMAL(18,0) || ' USD x ' || round(pwid, 0)::DECIMAL(18,0) || ' / ' || lmic_pwid || ' people; differences in prices between countries are ignored'
FROM p, k;
