-- needs_by_year: the needs of a country in the prices of a year, so that money of that year can be set against them: the unit costs and the published total (need_parameters) carried from their own price years with dollar_prices. Our estimates, as in needs; a year without a price index has no row.
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year of the prices, and of the money it may be set against.
-- @column method  bottom_up or top_down; the two are never mixed.
-- @column low  Lower estimate, US dollars of that year.
-- @column central  Central estimate, US dollars of that year; null where the method gives a range only.
-- @column high  Upper estimate, US dollars of that year.
-- @column price_basis  USD of the year.
-- @column pwid  Number of people who inject drugs it starts from.
-- @column pwid_year  Year of that estimate (people_by_year).
-- @column source  Source of the population size.
-- @column inputs  The calculation in words.
CREATE TABLE needs_by_year AS
WITH k AS ( -- the parameters, one column each
    SELECT round(max(low) FILTER (parameter = 'nsp_unit_cost'), 2)::DECIMAL(9,2) AS nsp_low, round(max(high) FILTER (parameter = 'nsp_unit_cost'), 2)::DECIMAL(9,2) AS nsp_high,
           max(price_year) FILTER (parameter = 'nsp_unit_cost') AS nsp_prices,
           round(max(low) FILTER (parameter = 'oat_unit_cost'), 2)::DECIMAL(9,2) AS oat_low, round(max(high) FILTER (parameter = 'oat_unit_cost'), 2)::DECIMAL(9,2) AS oat_high,
           max(price_year) FILTER (parameter = 'oat_unit_cost') AS oat_prices,
           round(max(low) FILTER (parameter = 'nsp_coverage'), 2)::DECIMAL(4,2) AS nsp_cover_low, round(max(high) FILTER (parameter = 'nsp_coverage'), 2)::DECIMAL(4,2) AS nsp_cover_high,
           round(max(low) FILTER (parameter = 'oat_coverage'), 2)::DECIMAL(4,2) AS oat_cover_low, round(max(high) FILTER (parameter = 'oat_coverage'), 2)::DECIMAL(4,2) AS oat_cover_high,
           round(max(central) FILTER (parameter = 'management_share'), 2)::DECIMAL(4,2) AS management,
           round(max(central) FILTER (parameter = 'lmic_need'), 2)::DECIMAL(15,2) AS lmic_need, max(price_year) FILTER (parameter = 'lmic_need') AS lmic_prices,
           round(max(central) FILTER (parameter = 'lmic_pwid'), 0)::DECIMAL(12,0) AS lmic_pwid
    FROM need_parameters
), priced AS ( -- the unit costs of every year, to the cent
    SELECT n.to_year AS year, k.*,
           round(scaled(nsp_low, n.to_value, n.from_value), 2)::DECIMAL(12,2) AS nsp_low_then, round(scaled(nsp_high, n.to_value, n.from_value), 2)::DECIMAL(12,2) AS nsp_high_then,
           round(scaled(oat_low, o.to_value, o.from_value), 2)::DECIMAL(12,2) AS oat_low_then, round(scaled(oat_high, o.to_value, o.from_value), 2)::DECIMAL(12,2) AS oat_high_then,
           round(scaled(lmic_need, l.to_value, l.from_value), 2)::DECIMAL(16,2) AS lmic_need_then, n.series
    FROM k
    JOIN dollar_prices n ON n.from_year = k.nsp_prices
    JOIN dollar_prices o ON o.from_year = k.oat_prices AND o.to_year = n.to_year AND o.series = n.series
    LEFT JOIN dollar_prices l ON l.from_year = k.lmic_prices AND l.to_year = n.to_year
)
SELECT p.country, p.year, 'bottom_up' AS method,
       (p.pwid_low::DECIMAL(20,0) * (nsp_cover_low * nsp_low_then + oat_cover_low * oat_low_then)::DECIMAL(19,4) * (1 + management))::DECIMAL(38,6) AS low,
       NULL::DECIMAL(38,6) AS central,
       (p.pwid_high::DECIMAL(20,0) * (nsp_cover_high * nsp_high_then + oat_cover_high * oat_high_then)::DECIMAL(19,4) * (1 + management))::DECIMAL(38,6) AS high,
       'USD of ' || p.year AS price_basis, p.pwid, p.pwid_year, p.source,
       'low: ' || round(p.pwid_low, 0)::DECIMAL(18,0) || ' people x (' || nsp_cover_low || ' x ' || nsp_low_then || ' + ' || oat_cover_low || ' x ' || oat_low_then || ' USD) x (1 + ' || management
       || '); high: ' || round(p.pwid_high, 0)::DECIMAL(18,0) || ' people x (' || nsp_cover_high || ' x ' || nsp_high_then || ' + ' || oat_cover_high || ' x ' || oat_high_then || ' USD) x (1 + ' || management
       || '); unit costs of ' || nsp_prices || ' and ' || oat_prices || ' carried to ' || p.year || ': ' || series AS inputs
FROM people_by_year p JOIN priced k ON k.year = p.year
UNION ALL
SELECT p.country, p.year, 'top_down',
       CASE WHEN p.pwid_low <> p.pwid_high THEN scaled(lmic_need_then, p.pwid_low, lmic_pwid)::DECIMAL(38,6) END,
       scaled(lmic_need_then, p.pwid, lmic_pwid)::DECIMAL(38,6),
       CASE WHEN p.pwid_low <> p.pwid_high THEN scaled(lmic_need_then, p.pwid_high, lmic_pwid)::DECIMAL(38,6) END,
       'USD of ' || p.year, p.pwid, p.pwid_year, p.source,
       round(lmic_need_then, 0)::DECIMAL(18,0) || ' USD x ' || round(p.pwid, 0)::DECIMAL(18,0) || ' / ' || lmic_pwid || ' people; the total of ' || lmic_prices || ' carried to ' || p.year || ': ' || series || '; differences in prices between countries are ignored'
FROM people_by_year p JOIN priced k ON k.year = p.year
WHERE lmic_need_then IS NOT NULL;
