-- ending_money: which money of grants and projects ends within some months of a day. Only last days that were published count, the activity's own before the last of its money: none is taken from a grant cycle. Of one project the budget is shown, else the commitment, else what was spent.
-- @question 9
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param date  date: the day to look ahead from; the day of the release when left out
-- @param months  int: how far to look ahead, 24 when left out
-- @param definition  text of hiv|core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, broad when left out; hiv: all HIV money
-- @column country  ISO 3166-1 alpha-3.
-- @column activity_id  Publisher's identifier of the grant or project.
-- @column title  Title as published.
-- @column funder  Financing entity.
-- @column intervention  What the money buys.
-- @column kind  Kind of money of usd.
-- @column first_day  First day of the money's periods; of the activity where the money has none.
-- @column end_date  Last day of the activity as its publisher gives it; where it gives none, of the money's periods.
-- @column usd  Money over the whole period, nominal US dollars.
-- @column usd_per_year  usd in 365 days of the period; null where the money has one day and the activity none.
-- @column share_of_national_hr  usd_per_year in per cent of the harm reduction money of the country in its newest year with any that ended before end_date; only for spending on interventions of the definition hri, and where the money of that year is comparable.
-- @column national_year  That year.
-- @trace flows 'true'=counted, country=country, activity_id=activity_id, intervention=intervention, kind=kind, funder=funder -> usd=usd
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), day AS (
    SELECT coalesce($date::DATE, strptime(substr((SELECT max(release) FROM releases), 1, 8), '%Y%m%d')::DATE) AS at
), planned AS ( -- of one project or grant and payer one kind of money: its end is that of the plan
    SELECT v.* REPLACE ( -- payments have days, not periods: they lie in the time of the activity
               CASE WHEN v.kind = 'budget' THEN coalesce(v.first_day, v.starts) ELSE least(v.first_day, v.starts) END AS first_day,
               CASE WHEN v.kind = 'budget' THEN coalesce(v.last_day, v.ends) ELSE greatest(v.last_day, v.ends) END AS last_day),
           coalesce(v.ends, v.last_day) AS end_date
    FROM activities v JOIN asked a ON a.country = v.country
    WHERE coalesce(v.ends, v.last_day) IS NOT NULL
      AND v.kind IN ('budget', 'commitment', 'expenditure', 'disbursement')
      AND (CASE WHEN $definition::VARCHAR = 'hiv' THEN v.intervention <> 'none' ELSE v.intervention IN (SELECT intervention FROM definitions WHERE definition = coalesce($definition::VARCHAR, 'broad')) END)
    QUALIFY rank() OVER (PARTITION BY v.country, grant_key(v.activity_id), v.funder, v.intervention
        ORDER BY CASE v.kind WHEN 'budget' THEN 1 WHEN 'commitment' THEN 2 WHEN 'expenditure' THEN 3 ELSE 4 END) = 1
), ends AS (
    SELECT p.* FROM planned p, day WHERE p.end_date >= day.at AND p.end_date < day.at + to_months(coalesce($months::INTEGER, 24))
), national AS (
    SELECT country, year, usd FROM harm_reduction_years WHERE definition = 'hri' AND comparable
), rows_of AS (
    SELECT a.country AS asked_country, e.*, CASE WHEN e.last_day > e.first_day THEN scaled(e.usd, 365, date_diff('day', e.first_day, e.last_day) + 1) END AS usd_per_year, n.year AS national_year, n.usd AS national_usd,
           CASE WHEN e.activity_id IS NULL THEN 'no_end_known' WHEN e.n_without_usd > 0 THEN 'some_without_usd' WHEN e.kind IN ('budget', 'commitment') THEN 'budget_not_spending'
                WHEN e.kind = 'disbursement' THEN 'paid_out_not_spent' ELSE 'compared' END AS reason
    FROM asked a LEFT JOIN ends e ON e.country = a.country
    LEFT JOIN national n ON n.country = e.country AND n.year = (SELECT max(m.year) FROM national m WHERE m.country = e.country AND m.year <= year(e.end_date))
)
SELECT asked_country AS country, activity_id, title, funder, intervention, kind, first_day, end_date, usd, usd_per_year,
       CASE WHEN kind = 'expenditure' AND intervention IN (SELECT intervention FROM definitions WHERE definition = 'hri') THEN pct(usd_per_year, national_usd) END AS share_of_national_hr, national_year,
       n_words(source) AS n_sources, CASE WHEN source IS NULL THEN 'not_reported' ELSE 'reported' END AS status,
       CASE WHEN usd_per_year IS NOT NULL THEN kind || ' of ' || first_day || ' to ' || last_day || ' spread by day' END AS method, CASE WHEN source IS NOT NULL THEN 'medium' END AS confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source AS source_ids
FROM rows_of
ORDER BY asked_country, end_date, activity_id, intervention, kind, source, funder, cycle;
