-- budget_lines: lines of government budgets and tenders that pay for the HIV response and harm reduction: what was planned, what the plan became, and what was spent of it. A donor's grant inside a state budget is the donor's money and says so.
-- @question 25
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @column country  ISO 3166-1 alpha-3.
-- @column fiscal_year  Year of the line; null where none was published.
-- @column budget_code  Code of the line; null where none was published.
-- @column title_orig  Words of the source.
-- @column title_en  Title in English.
-- @column funder  Whose money it is.
-- @column intervention  What the line buys (interventions).
-- @column currency  ISO 4217 of the amounts.
-- @column planned  First plan.
-- @column revised  Plan as revised; null where it was not.
-- @column executed  Spent by executed_to.
-- @column executed_to  Last day of what was spent: the year is not over before its last day.
-- @column executed_pct  executed in per cent of the plan as revised, else of the first plan; null for part of a year.
-- @column contract_value  Value of tenders and contracts.
-- @column procurement_ids  Numbers of tenders and contracts, blank-separated.
-- @column doc_url  Where the line stands.
-- @trace flows country=country, fiscal_year=year, funder=funder, intervention=intervention, currency=currency
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), stated AS (
    SELECT f.*, d.url AS doc_url, d.raw ->> '$.budget_code' AS budget_code, d.raw ->> '$.procurement_id' AS procurement_id,
           nullif(regexp_replace((d.raw ->> '$.quote'), ': [0-9.]+$', ''), '') AS quote
    FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id JOIN asked a ON a.country = f.country
    WHERE f.kind IN ('budget', 'expenditure', 'contract') AND (f.counted OR f.excluded_by = 'revised') AND ((d.raw ->> '$.budget_code') IS NOT NULL OR (d.raw ->> '$.procurement_id') IS NOT NULL OR f.source = 'evidence' AND f.funder_type = 'domestic_public')
      AND ($year::INTEGER IS NULL OR f.year = $year::INTEGER)
), lines AS (
    SELECT country, year AS fiscal_year, budget_code, coalesce(budget_code, procurement_id, disclosure_id) AS line, funder, intervention, currency, max(title) AS title_en, max(quote) AS title_orig,
           sum(amount) FILTER (kind = 'budget' AND budget_stage IS DISTINCT FROM 'revised')::DECIMAL(38,6) AS planned, sum(amount) FILTER (kind = 'budget' AND budget_stage = 'revised')::DECIMAL(38,6) AS revised,
           sum(amount) FILTER (kind = 'expenditure')::DECIMAL(38,6) AS executed, max(period_end) FILTER (kind = 'expenditure') AS executed_to, sum(amount) FILTER (kind = 'contract')::DECIMAL(38,6) AS contract_value,
           words(list(procurement_id)) AS procurement_ids, words(list(replace(doc_url, ' ', '%20'))) AS doc_url, words(list(source)) AS source_ids, least_sure(list(confidence)) AS confidence, one_status(list(status)) AS status, words(list(hr_method)) AS hr_methods
    FROM stated
    GROUP BY country, year, budget_code, coalesce(budget_code, procurement_id, disclosure_id), funder, intervention, currency
), rows_of AS (
    SELECT a.country AS asked_country, l.*,
           CASE WHEN l.country IS NULL THEN 'no_budget_lines' WHEN l.budget_code IS NULL AND l.procurement_ids IS NULL THEN 'statement_not_a_line' WHEN coalesce(planned, revised, executed) IS NULL THEN 'contract_value' WHEN executed IS NULL THEN 'line_not_executed_known' WHEN coalesce(planned, revised) IS NULL THEN 'plan_unknown'
                WHEN executed_to < make_date(fiscal_year, 12, 31) THEN 'part_of_year' ELSE 'compared' END AS reason
    FROM asked a LEFT JOIN lines l ON l.country = a.country
)
SELECT asked_country AS country, fiscal_year, budget_code, title_orig, title_en, funder, intervention, currency, planned, revised, executed, executed_to,
       CASE WHEN reason = 'compared' THEN pct(executed, coalesce(revised, planned)) END AS executed_pct, contract_value, procurement_ids, doc_url,
       n_words(source_ids) AS n_sources, coalesce(status, 'not_reported') AS status, hr_methods AS method, confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
ORDER BY asked_country, fiscal_year NULLS LAST, budget_code, funder, intervention, currency, line;
