-- spending_per_person: harm reduction money per person who injects drugs, a year and a day. The number of people is the newest estimate for the year or before, else the first after it; its range gives the range.
-- @question 5
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, hri when left out
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar or us_fiscal: rows of different bases are not added.
-- @column definition  Definition of harm reduction.
-- @column usd  Harm reduction money, nominal US dollars.
-- @column pwid_low  Lower estimate of people who inject drugs.
-- @column pwid_central  Central estimate.
-- @column pwid_high  Upper estimate.
-- @column pwid_year  Year of the estimate.
-- @column pwid_source  Source of the estimate.
-- @column usd_per_pwid_year_low  Dollars per person and year by the upper estimate.
-- @column usd_per_pwid_year  Dollars per person and year.
-- @column usd_per_pwid_year_high  Dollars per person and year by the lower estimate.
-- @column usd_per_pwid_day  Dollars per person and day (of 365).
-- @trace harm_reduction_flows definition=definition, country=country, year=year, year_basis=year_basis -> usd=usd
-- @trace observations 'pwid_size'=indicator, country=area, pwid_year=year
WITH rows_of AS (
    SELECT a.country, h.year, h.year_basis, h.usd, p.pwid_low, p.pwid, p.pwid_high, p.pwid_year, p.source AS pwid_source,
           h.status, h.measures, h.hr_methods, h.confidence, h.sources,
           CASE WHEN h.country IS NULL THEN 'no_money_known'
                WHEN p.country IS NULL THEN 'no_people_known'
                WHEN h.reason <> 'compared' THEN h.reason
                WHEN abs(p.pwid_year - h.year) > 5 THEN 'people_of_another_time'
                ELSE 'compared' END AS reason
    FROM asked($country::VARCHAR, $area::VARCHAR) a
    LEFT JOIN harm_reduction_years h ON h.country = a.country AND h.definition = coalesce($definition::VARCHAR, 'hri') AND ($year::INTEGER IS NULL OR h.year = $year::INTEGER)
    LEFT JOIN people_by_year p ON p.country = h.country AND p.year = h.year
)
SELECT country, coalesce(year, $year::INTEGER) AS year, year_basis, coalesce($definition::VARCHAR, 'hri') AS definition, usd,
       CASE WHEN pwid_low <> pwid_high THEN pwid_low END AS pwid_low, pwid AS pwid_central, CASE WHEN pwid_low <> pwid_high THEN pwid_high END AS pwid_high, pwid_year, pwid_source,
       CASE WHEN usd > 0 AND pwid_low <> pwid_high THEN scaled(usd, 1, pwid_high) END AS usd_per_pwid_year_low, CASE WHEN usd > 0 THEN scaled(usd, 1, pwid) END AS usd_per_pwid_year,
       CASE WHEN usd > 0 AND pwid_low <> pwid_high THEN scaled(usd, 1, pwid_low) END AS usd_per_pwid_year_high, CASE WHEN usd > 0 THEN scaled(usd, 1, pwid * 365) END AS usd_per_pwid_day,
       n_words(sources) AS n_sources, coalesce(status, 'not_reported') AS status, concat_ws('; ', measures, hr_methods) AS method, confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, sources AS source_ids
FROM rows_of
ORDER BY country, year, year_basis;
