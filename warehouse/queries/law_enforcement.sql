-- law_enforcement: money for drug law enforcement and money for harm reduction of a country and year, side by side. Two amounts with their scopes, no ranking: statements on enforcement are rare and each draws its own line.
-- @question 19
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, hri when left out
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar or us_fiscal.
-- @column definition  Definition of harm reduction.
-- @column punitive_usd  Drug law enforcement (drug_control), nominal US dollars.
-- @column hr_usd  Harm reduction, nominal US dollars; null where none is known of that year.
-- @column ratio  punitive_usd / hr_usd, only where both are spending of one year.
-- @column scope_note  What the statement on enforcement covers, in its own words.
-- @trace best_flows 'drug_control'=intervention, 'spent'=measure, country=country, year=year, year_basis=year_basis -> punitive_usd=usd
-- @trace harm_reduction_flows definition=definition, country=country, year=year, year_basis=year_basis -> hr_usd=usd
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), punitive AS (
    SELECT f.country, f.year, f.year_basis, sum(f.usd)::DECIMAL(38,6) AS usd, count(*) - count(f.usd) AS n_without_usd, words(list(DISTINCT f.kind)) AS kinds,
           array_to_string(list_sort(list(DISTINCT x.title)), '; ') AS titles, words(list(DISTINCT f.source)) AS source_ids, least_sure(list(DISTINCT x.confidence)) AS confidence
    FROM best_flows f JOIN flows x ON x.flow_id = f.flow_id JOIN asked a ON a.country = f.country
    WHERE f.intervention = 'drug_control' AND f.measure = 'spent'
    GROUP BY f.country, f.year, f.year_basis
), rows_of AS (
    SELECT a.country AS asked_country, p.*, h.usd AS hr_usd, h.measures, h.sources,
           CASE WHEN p.country IS NULL THEN 'no_enforcement_known' WHEN p.n_without_usd > 0 THEN 'some_without_usd' WHEN h.usd IS NULL THEN 'no_money_known'
                WHEN h.reason <> 'compared' THEN h.reason ELSE 'scopes_differ' END AS reason
    FROM asked a LEFT JOIN punitive p ON p.country = a.country
    LEFT JOIN harm_reduction_years h ON h.country = p.country AND h.year = p.year AND h.year_basis IS NOT DISTINCT FROM p.year_basis AND h.definition = coalesce($definition::VARCHAR, 'hri')
)
SELECT asked_country AS country, year, year_basis, coalesce($definition::VARCHAR, 'hri') AS definition, usd AS punitive_usd, hr_usd, CASE WHEN reason = 'scopes_differ' THEN scaled(usd, 1, hr_usd) END AS ratio, titles AS scope_note,
       n_words(words([source_ids, sources])) AS n_sources, CASE WHEN country IS NULL THEN 'not_reported' ELSE 'reported' END AS status, concat_ws('; harm reduction ', kinds, measures) AS method, confidence,
       false AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, words([source_ids, sources]) AS source_ids
FROM rows_of
ORDER BY asked_country, year, year_basis;
