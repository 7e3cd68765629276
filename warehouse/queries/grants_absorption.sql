-- grants_absorption: budget, disbursement and expenditure of the Global Fund's grants, by grant and grant cycle: one row for the whole grant, and one for each intervention of its budget that harm reduction (broad) includes. What was paid out and spent is published for whole grants only, and for all years to date.
-- @question 7
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param cycle  text: only this grant cycle (GC7, C19RM)
-- @column country  ISO 3166-1 alpha-3; null for grants of several countries.
-- @column countries  All countries named, blank-separated.
-- @column grant_id  The grant (grant_key).
-- @column cycle  Grant cycle as published; null where only IATI names the grant.
-- @column module  Module as the fund names it; null for the whole grant.
-- @column intervention_published  Intervention as the fund names it.
-- @column intervention  Ours; null for the whole grant.
-- @column budget  Budget of the row, nominal US dollars, money of the HIV response only: the whole grant cycle, several years, where the fund gives it; else the yearly budgets IATI gives, added. Null for the whole grant where only selected lines of it are bundled.
-- @column disbursed  Paid out to the recipients, all years to date; null where it is not published.
-- @column expenditure  Spent, all years to date; null where it is not published.
-- @column absorption_pct  Expenditure, else disbursement, in per cent of budget: whole grants with one cycle only.
-- @column as_at  Newest day of what was paid out or spent.
-- @trace grant_flows country=country, grant_id=grant_id
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), grants AS (
    FROM grant_flows f
    WHERE f.intervention <> 'none'
      AND (f.country IN (SELECT country FROM asked)
           OR f.country IS NULL AND list_has_any(string_split(coalesce(f.countries, ''), ' '), (SELECT list(country) FROM asked)))
), budgeted AS ( -- a cycle's budget and yearly budgets of the same grant are one money
    SELECT *, kind = 'budget' AND (cycle IS NOT NULL OR NOT bool_or(cycle IS NOT NULL) OVER (PARTITION BY country, grant_id)) AS budget_counts FROM grants
), whole AS (
    SELECT country, max(countries) AS countries, grant_id, words(list(cycle)) AS cycle, NULL::VARCHAR AS module, NULL::VARCHAR AS intervention_published, NULL::VARCHAR AS intervention,
           sum(usd) FILTER (budget_counts)::DECIMAL(38,6) AS budget, sum(usd) FILTER (kind = 'disbursement')::DECIMAL(38,6) AS disbursed,
           sum(usd) FILTER (kind = 'expenditure')::DECIMAL(38,6) AS expenditure, max(period_end) FILTER (kind <> 'budget') AS as_at,
           count(*) - count(usd) AS n_without_usd, words(list(source)) AS source_ids, least_sure(list(confidence)) AS confidence, one_status(list(status)) AS status, NULL::VARCHAR AS hr_methods,
           coalesce(bool_or(origin = 'bundled' AND source = 'globalfund' AND budget_counts), false) AS extract -- the bundled budgets are selected lines
    FROM budgeted GROUP BY country, grant_id
), parts AS (
    SELECT country, max(countries) AS countries, grant_id, cycle, module, intervention_published, intervention, sum(usd)::DECIMAL(38,6) AS budget,
           count(*) - count(usd) AS n_without_usd, words(list(source)) AS source_ids, least_sure(list(confidence)) AS confidence, one_status(list(status)) AS status, words(list(hr_method)) AS hr_methods
    FROM grants
    WHERE kind = 'budget' AND intervention IN (SELECT intervention FROM definitions WHERE definition = 'broad')
    GROUP BY country, grant_id, cycle, module, intervention_published, intervention
), rows_of AS (
    SELECT * EXCLUDE (extract) REPLACE (CASE WHEN NOT extract THEN budget END AS budget), CASE WHEN n_without_usd > 0 THEN 'some_without_usd'
                   WHEN extract THEN 'selected_lines'
                   WHEN budget IS NULL THEN 'no_budget_known'
                   WHEN coalesce(expenditure, disbursed) IS NULL THEN 'budget_not_spending'
                   WHEN cycle IS NULL THEN 'cycle_not_stated'
                   WHEN contains(cycle, ' ') THEN 'grant_of_several_cycles'
                   WHEN expenditure IS NULL THEN 'paid_out_not_spent'
                   ELSE 'compared' END AS reason
    FROM whole
    UNION ALL BY NAME
    SELECT *, CASE WHEN n_without_usd > 0 THEN 'some_without_usd' ELSE 'whole_grant_only' END AS reason FROM parts
    UNION ALL BY NAME
    SELECT a.country, 'no_money_known' AS reason FROM asked a WHERE NOT EXISTS (SELECT 1 FROM grants g WHERE ($cycle::VARCHAR IS NULL OR g.cycle = $cycle::VARCHAR) AND (g.country = a.country OR contains(coalesce(g.countries, ''), a.country)))
)
SELECT country, countries, grant_id, cycle, module, intervention_published, intervention, budget, disbursed, expenditure,
       CASE WHEN reason IN ('compared', 'paid_out_not_spent') THEN pct(coalesce(expenditure, disbursed), budget) END AS absorption_pct, as_at,
       n_words(source_ids) AS n_sources, coalesce(status, 'not_reported') AS status, hr_methods AS method, confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
WHERE $cycle::VARCHAR IS NULL OR has_word(cycle, $cycle::VARCHAR) OR reason = 'no_money_known'
ORDER BY country NULLS LAST, grant_id, cycle, module NULLS FIRST, intervention_published, intervention;
