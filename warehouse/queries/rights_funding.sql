-- rights_funding: money for human rights, legal aid, advocacy and networks of people who use drugs: budgets and spending side by side, never added. Rows of a grant cycle are of several years.
-- @question 18
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year; leaves out grant cycles
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis; null for a grant cycle.
-- @column year_basis  calendar or us_fiscal.
-- @column cycle  Grant cycle.
-- @column programme_area  human_rights, legal_aid, advocacy, networks or community.
-- @column population  Whom it is for, as stated: pwid, key_populations (people who use drugs among others); null: not stated.
-- @column funder  Financing entity.
-- @column source  Source id.
-- @column budget  Budgets, nominal US dollars; null when none is known.
-- @column disbursed  Paid out, nominal US dollars.
-- @column spend  Expenditure, nominal US dollars.
-- @column n_without_usd  Flows without US dollars, in none of the three.
-- @trace flows 'budget'=kind, 'true'=counted, country=country, year=year, year_basis=year_basis, cycle=cycle, programme_area=intervention, population=population, funder=funder, source=source -> budget=usd
-- @trace flows 'disbursement'=kind, 'true'=counted, country=country, year=year, year_basis=year_basis, cycle=cycle, programme_area=intervention, population=population, funder=funder, source=source -> disbursed=usd
-- @trace flows 'expenditure'=kind, 'true'=counted, country=country, year=year, year_basis=year_basis, cycle=cycle, programme_area=intervention, population=population, funder=funder, source=source -> spend=usd
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), money AS (
    SELECT f.country, f.year, f.year_basis, f.cycle, f.intervention AS programme_area, f.population, f.funder, f.source,
           sum(f.usd) FILTER (f.kind = 'budget')::DECIMAL(38,6) AS budget, sum(f.usd) FILTER (f.kind = 'disbursement')::DECIMAL(38,6) AS disbursed, sum(f.usd) FILTER (f.kind = 'expenditure')::DECIMAL(38,6) AS spend,
           count(*) - count(f.usd) AS n_without_usd, words(list(DISTINCT f.hr_method)) AS hr_methods, least_sure(list(DISTINCT f.confidence)) AS confidence, one_status(list(DISTINCT f.status)) AS status
    FROM flows f JOIN asked a ON a.country = f.country
    WHERE f.counted AND f.intervention IN ('human_rights', 'legal_aid', 'advocacy', 'networks', 'community') AND f.kind IN ('budget', 'disbursement', 'expenditure')
      AND ($year::INTEGER IS NULL OR f.year = $year::INTEGER)
    GROUP BY f.country, f.year, f.year_basis, f.cycle, f.intervention, f.population, f.funder, f.source
), rows_of AS (
    SELECT a.country AS asked_country, m.*,
           CASE WHEN m.country IS NULL THEN 'no_money_known' WHEN m.n_without_usd > 0 THEN 'some_without_usd' WHEN m.spend IS NULL AND m.disbursed IS NULL THEN 'budget_not_spending'
                WHEN m.spend IS NULL THEN 'paid_out_not_spent' ELSE 'compared' END AS reason
    FROM asked a LEFT JOIN money m ON m.country = a.country
)
SELECT asked_country AS country, year, year_basis, cycle, programme_area, population, funder, source, budget, disbursed, spend, n_without_usd,
       n_words(source) AS n_sources, coalesce(status, 'not_reported') AS status, hr_methods AS method, confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source AS source_ids
FROM rows_of
ORDER BY asked_country, year NULLS LAST, year_basis, cycle, programme_area, population, funder, source;
