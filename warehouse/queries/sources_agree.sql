-- sources_agree: the same money in two sources, and whether they agree: reconciliation as a question. The counted source is a, the other b.
-- @question 20
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @column country  ISO 3166-1 alpha-3; null for money of several countries.
-- @column year  Year; null where the counted source gives none.
-- @column flow_key  Grant, or financing entity, kind and intervention, with the cycle.
-- @column funder  Financing entity.
-- @column kind  Kind of money.
-- @column intervention  What it buys.
-- @column currency  ISO 4217 of the amounts.
-- @column source_a  The source that counts.
-- @column amt_a  Its amount.
-- @column source_b  The other source.
-- @column amt_b  Its amount.
-- @column diff  amt_b - amt_a.
-- @column diff_pct  diff in per cent of amt_a.
-- @column probable_cause  Why they differ, as far as the data show (causes).
-- @trace flows country=country, kind=kind, intervention=intervention, funder=funder, source_a=source
-- @trace flows country=country, kind=kind, intervention=intervention, funder=funder, source_b=source
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), found AS (
    SELECT r.*, CASE WHEN r.year IS NULL AND r.years IS NOT NULL OR r.cause = 'years_of_a_cycle' THEN 'periods_differ' ELSE 'compared' END AS periods FROM reconciliation r
    WHERE ($country::VARCHAR IS NULL AND $area::VARCHAR IS NULL OR r.country IN (SELECT country FROM asked)) AND ($year::INTEGER IS NULL OR r.year = $year::INTEGER)
)
SELECT country, year, coalesce(grant_id, concat_ws(' · ', funder, kind, intervention)) || coalesce(' ' || cycle, '') AS flow_key, funder, kind, intervention, currency,
       source_counted AS source_a, amount_counted AS amt_a, source_excluded AS source_b, amount_excluded AS amt_b, difference AS diff, difference_pct AS diff_pct, cause AS probable_cause,
       2 AS n_sources, 'reported' AS status, concat_ws('; ', 'excluded by ' || rule, years) AS method, 'medium' AS confidence, periods = 'compared' AS comparable, periods AS reason, reason_en(periods) AS reason_en,
       (SELECT max(release) FROM releases) AS release_id, words([source_counted, source_excluded]) AS source_ids
FROM found
UNION ALL
SELECT $country::VARCHAR, $year::INTEGER, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 'not_reported', NULL, NULL, false, 'seen_once', reason_en('seen_once'), (SELECT max(release) FROM releases), NULL
WHERE NOT EXISTS (SELECT 1 FROM found)
ORDER BY country NULLS LAST, year, flow_key, kind, intervention, currency, source_a, source_b, amt_a, amt_b;
