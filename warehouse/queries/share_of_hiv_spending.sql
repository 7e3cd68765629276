-- share_of_hiv_spending: harm reduction as a share of all HIV spending of a country and year. Both sides come from one account of all payers (flag country_reported); harm reduction money known from other sources stands beside it and is not divided. Published shares of whole regions stand as their publishers give them.
-- @question 6
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, hri when left out
-- @column country  ISO 3166-1 alpha-3; an area id where a share is published for an area.
-- @column year  Year in year_basis.
-- @column year_basis  calendar or us_fiscal.
-- @column definition  Definition of harm reduction; null for a published share, whose definition is its publisher's.
-- @column hr_usd  Harm reduction money of the account that hiv_usd is; null when that account does not tell it apart.
-- @column hr_usd_elsewhere  Harm reduction money known from any source, nominal US dollars.
-- @column hiv_usd  All HIV money of the account, nominal US dollars.
-- @column hr_share  hr_usd in per cent of hiv_usd.
-- @column pwid_infection_share  People who inject drugs among new HIV infections, per cent; null: no series is among the sources.
-- @column disparity_ratio  pwid_infection_share / hr_share.
-- @trace harm_reduction_flows definition=definition, country=country, year=year, year_basis=year_basis -> hr_usd_elsewhere=usd
-- @trace flows 'expenditure'=kind, country=country, year=year, year_basis=year_basis
-- @trace observations 'hri_share_of_hiv_funding'=indicator, country=area, year=year
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), account AS ( -- a country's own report of all its HIV money, with what of it counts elsewhere
    SELECT f.country, f.year, f.year_basis, f.source, sum(f.usd)::DECIMAL(38,6) AS hiv_usd, count(*) - count(f.usd) AS n_without_usd,
           sum(f.usd) FILTER (d.intervention IS NOT NULL)::DECIMAL(38,6) AS hr_usd,
           least_sure(list(f.confidence)) AS confidence, one_status(list(f.status)) AS status
    FROM flows f JOIN asked a ON a.country = f.country
    LEFT JOIN definitions d ON d.intervention = f.intervention AND d.definition = coalesce($definition::VARCHAR, 'hri')
    WHERE has_word(f.flags, 'country_reported') AND f.kind = 'expenditure' AND f.intervention <> 'none'
      AND (f.counted OR f.excluded_by IN ('authority', 'parts_elsewhere')) AND f.year IS NOT NULL
    GROUP BY f.country, f.year, f.year_basis, f.source
), elsewhere AS (
    SELECT h.* FROM harm_reduction_years h JOIN asked a ON a.country = h.country WHERE h.definition = coalesce($definition::VARCHAR, 'hri')
), cells AS (
    SELECT country, year, year_basis FROM (SELECT country, year, year_basis FROM account UNION SELECT country, year, year_basis FROM elsewhere)
    WHERE $year::INTEGER IS NULL OR year = $year::INTEGER
), rows_of AS (
    SELECT a.country, c.year, c.year_basis, coalesce($definition::VARCHAR, 'hri') AS definition, k.hr_usd, e.usd AS hr_usd_elsewhere, k.hiv_usd,
           pct(k.hr_usd, k.hiv_usd) AS hr_share, words([k.source, e.sources]) AS source_ids,
           CASE WHEN k.hiv_usd IS NOT NULL THEN 'all HIV money by ' || k.source END AS method, coalesce(k.confidence, e.confidence) AS confidence,
           coalesce(k.status, e.status, 'not_reported') AS status,
           CASE WHEN c.country IS NULL THEN 'no_money_known'
                WHEN k.hiv_usd IS NULL THEN 'no_account_of_all'
                WHEN k.hr_usd IS NULL AND e.usd IS NOT NULL THEN 'accounts_differ'
                WHEN k.hr_usd IS NULL THEN 'account_without_services'
                WHEN k.n_without_usd > 0 THEN 'some_without_usd'
                ELSE 'compared' END AS reason
    FROM asked a
    LEFT JOIN cells c ON c.country = a.country
    LEFT JOIN account k ON k.country = c.country AND k.year = c.year AND k.year_basis IS NOT DISTINCT FROM c.year_basis
    LEFT JOIN elsewhere e ON e.country = c.country AND e.year = c.year AND e.year_basis IS NOT DISTINCT FROM c.year_basis
    UNION ALL BY NAME
    SELECT o.area AS country, o.year, 'calendar' AS year_basis, o.value AS hr_share, o.source AS source_ids, 'published by ' || coalesce(s.publisher, o.source) || ': ' || o.note AS method,
           'medium' AS confidence, 'reported' AS status, 'published_ratio' AS reason
    FROM best_observations o LEFT JOIN sources s ON s.source = o.source
    WHERE o.indicator = 'hri_share_of_hiv_funding' AND $country::VARCHAR IS NULL AND ($area::VARCHAR IS NULL OR o.area = $area::VARCHAR) AND ($year::INTEGER IS NULL OR o.year = $year::INTEGER)
)
SELECT country, year, year_basis, definition, hr_usd, hr_usd_elsewhere, hiv_usd, hr_share::DECIMAL(38,4) AS hr_share,
       NULL::DECIMAL(38,4) AS pwid_infection_share, NULL::DECIMAL(38,4) AS disparity_ratio,
       n_words(source_ids) AS n_sources, status, method, confidence, reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en,
       (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
ORDER BY country, year, year_basis;
