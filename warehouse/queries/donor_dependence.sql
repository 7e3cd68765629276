-- donor_dependence: how far the HIV money of a country depends on one payer. Shares are made only of an account of all payers (a country's own report): shares of what single payers disclose would tell how little is known, not who pays.
-- @question 8
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @param definition  text of hiv|core-3|comprehensive-9|who-2022|hri|broad: a definition of harm reduction; all HIV money (hiv) when left out
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar or us_fiscal.
-- @column definition  hiv, or a definition of harm reduction.
-- @column usd  Money of all payers known, nominal US dollars.
-- @column top_funder  The payer with the most money; null where a lump of unnamed payers is larger.
-- @column top_share  Its share in per cent.
-- @column hhi  Sum of the squared shares, 0 to 10,000 (Herfindahl-Hirschman index); null where part of the money is in a lump of unnamed payers.
-- @column domestic_share  Domestic public money in per cent.
-- @column gf_share  The Global Fund in per cent; null where it may be in a lump.
-- @column unnamed_share  Per cent in lumps of payers that are not named.
-- @trace best_flows country=country, year=year, year_basis=year_basis
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), money AS (
    SELECT b.country, b.year, b.year_basis, b.funder_group, any_value(b.funder) AS funder, any_value(b.funder_type) AS funder_type, any_value(b.money_source) AS money_source,
           sum(b.usd)::DECIMAL(38,6) AS usd, sum(b.n_without_usd) AS n_without_usd, words(list(b.measure)) AS measures, words(list(b.hr_methods)) AS hr_methods,
           least_sure(list(b.confidence)) AS confidence, one_status(list(b.status)) AS status, words(list(b.source)) AS source_ids, words(list(b.flags)) AS flags,
           bool_and(has_word(b.flags, 'country_reported')) AS account
    FROM (SELECT *, money_source(funder_group, funder, funder_type) AS money_source FROM best_interventions) b
    JOIN asked a ON a.country = b.country
    WHERE ($year::INTEGER IS NULL OR b.year = $year::INTEGER)
      AND (coalesce($definition::VARCHAR, 'hiv') = 'hiv' AND b.in_hiv_total OR b.intervention IN (SELECT intervention FROM definitions WHERE definition = $definition::VARCHAR))
    GROUP BY b.country, b.year, b.year_basis, b.funder_group
), accounted AS ( -- where a country accounts for all payers, what others disclose beside it is no payer more
    SELECT * FROM money QUALIFY account OR NOT bool_or(account) OVER (PARTITION BY country, year, year_basis)
), totals AS (
    SELECT country, year, year_basis, sum(usd)::DECIMAL(38,6) AS usd, count(*) AS n_payers, sum(n_without_usd) AS n_without_usd, words(list(measures)) AS measures, words(list(hr_methods)) AS hr_methods,
           least_sure(list(confidence)) AS confidence, one_status(list(status)) AS status, words(list(source_ids)) AS source_ids, words(list(flags)) AS flags, bool_or(account) AS account,
           arg_max(funder, usd) FILTER (money_source NOT IN ('international_unspecified', 'unknown')) AS top_funder,
           max(usd) FILTER (money_source NOT IN ('international_unspecified', 'unknown')) AS top_usd,
           coalesce(sum(usd) FILTER (money_source IN ('international_unspecified', 'unknown')), 0)::DECIMAL(38,6) AS unnamed,
           coalesce(sum(usd) FILTER (funder_type = 'domestic_public'), 0)::DECIMAL(38,6) AS domestic, coalesce(sum(usd) FILTER (money_source = 'global_fund'), 0)::DECIMAL(38,6) AS gf
    FROM accounted GROUP BY country, year, year_basis
), squares AS (
    SELECT m.country, m.year, m.year_basis, sum((round(pct(m.usd, t.usd), 4)::DECIMAL(10,4) * round(pct(m.usd, t.usd), 4)::DECIMAL(10,4))::DECIMAL(20,8))::DECIMAL(38,4) AS hhi
    FROM accounted m JOIN totals t ON t.country = m.country AND t.year = m.year AND t.year_basis IS NOT DISTINCT FROM m.year_basis
    WHERE t.account AND t.usd > 0 AND m.usd >= 0
    GROUP BY m.country, m.year, m.year_basis
), rows_of AS (
    SELECT a.country AS area_country, t.*, q.hhi,
           CASE WHEN t.country IS NULL THEN 'no_money_known'
                WHEN t.usd <= 0 THEN 'corrections_only'
                WHEN NOT t.account THEN 'payers_known_singly'
                WHEN t.n_without_usd > 0 THEN 'some_without_usd'
                WHEN t.measures <> 'spent' THEN money_reason(t.measures, 0)
                WHEN contains(t.flags, 'series_break') THEN 'series_break'
                WHEN t.unnamed > 0 THEN 'payers_lumped'
                ELSE 'compared' END AS reason
    FROM asked a LEFT JOIN totals t ON t.country = a.country
    LEFT JOIN squares q ON q.country = t.country AND q.year = t.year AND q.year_basis IS NOT DISTINCT FROM t.year_basis
)
SELECT area_country AS country, year, year_basis, coalesce($definition::VARCHAR, 'hiv') AS definition, usd,
       CASE WHEN reason IN ('compared', 'payers_lumped') AND top_usd >= unnamed THEN top_funder END AS top_funder,
       CASE WHEN reason IN ('compared', 'payers_lumped') AND top_usd >= unnamed THEN pct(top_usd, usd) END AS top_share,
       CASE WHEN reason = 'compared' THEN hhi END AS hhi,
       CASE WHEN reason IN ('compared', 'payers_lumped') THEN pct(domestic, usd) END AS domestic_share,
       CASE WHEN reason = 'compared' OR reason = 'payers_lumped' AND gf > 0 THEN pct(gf, usd) END AS gf_share,
       CASE WHEN reason IN ('compared', 'payers_lumped') THEN pct(unnamed, usd) END AS unnamed_share,
       n_words(source_ids) AS n_sources, coalesce(status, 'not_reported') AS status, concat_ws('; ', measures, hr_methods) AS method, confidence,
       reason IN ('compared', 'payers_lumped') AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
ORDER BY area_country, year, year_basis;
