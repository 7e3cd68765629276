-- reconciliation: money seen by two or more sources, as each of them gives it. One row per financing entity, country, year, kind, intervention and pair of sources; the source that counts comes first. Where it gives no year (budgets of grants), one row per grant instead of year: all its counted money against all that the other source says of that grant. Where one source states a whole and others its parts (rule parts_elsewhere), one row per whole: what of it counts elsewhere against the parts that count.
-- @column funder  Financing entity, as the source that counts names it.
-- @column funder_group  The financing entity both sources mean.
-- @column country  Country; null for grants of several countries.
-- @column year  Year; null where a grant is compared as a whole.
-- @column kind  Kind of money.
-- @column intervention  What the money buys; of a whole, the whole's.
-- @column currency  ISO 4217 of both amounts: their own where it is one, else US dollars.
-- @column source_counted  Source whose flows count; of parts, all of them.
-- @column amount_counted  Sum of its counted flows.
-- @column source_excluded  Source whose flows went to the ledger.
-- @column amount_excluded  Sum of its excluded flows.
-- @column difference  amount_excluded - amount_counted.
-- @column difference_pct  Difference in per cent of the counted amount.
-- @column cause  Likely cause of the difference (causes).
-- @column rule  Rules that excluded them.
-- @column cycle  Grant cycle of the counted flows, where no year is given.
-- @column grant_id  The grant, in the form both sources' identifiers have in common; null where years are compared.
-- @column years  Years of the excluded flows of the grant, first to last; null when they have none.
CREATE VIEW reconciliation AS
WITH seen AS (
    SELECT *, coalesce(funder_group, funder) AS who, excluded_by IN ('authority', 'secondary') AS elsewhere FROM flows
), by_year AS (
    SELECT who, country, year, kind, intervention, source, min(funder) FILTER (counted) AS funder,
           sum(amount) FILTER (counted) AS amount_counted, sum(amount) FILTER (elsewhere) AS amount_excluded,
           sum(usd) FILTER (counted) AS usd_counted, sum(usd) FILTER (elsewhere) AS usd_excluded,
           CASE WHEN min(currency) = max(currency) THEN min(currency) END AS currency,
           words(list(excluded_by) FILTER (elsewhere)) AS rule, words(list(year_basis)) AS bases, words(list(flags)) AS flags,
           NULL::VARCHAR AS cycle, NULL::VARCHAR AS grant_id, NULL::VARCHAR AS years
    FROM seen
    WHERE country IS NOT NULL AND year IS NOT NULL
    GROUP BY ALL
), by_grant AS (
    SELECT who, country, NULL::INTEGER AS year, kind, intervention, source, min(funder) FILTER (counted) AS funder,
           sum(amount) FILTER (counted) AS amount_counted, sum(amount) FILTER (NOT counted) AS amount_excluded,
           sum(usd) FILTER (counted) AS usd_counted, sum(usd) FILTER (NOT counted) AS usd_excluded,
           CASE WHEN min(currency) = max(currency) THEN min(currency) END AS currency,
           words(list(excluded_by)) AS rule, words(list(year_basis)) AS bases, words(list(flags)) AS flags,
           words(list(cycle)) AS cycle, grant_key(activity_id) AS grant_id,
           CASE WHEN min(year) < max(year) THEN min(year) || '-' || max(year) ELSE min(year)::VARCHAR END AS years
    FROM seen
    WHERE activity_id IS NOT NULL AND (counted AND year IS NULL OR elsewhere)
    GROUP BY ALL
), sides AS (
    FROM by_year UNION ALL BY NAME FROM by_grant
), pairs AS (
    SELECT a.funder, a.who AS funder_group, a.country, a.year, a.kind, a.intervention,
           CASE WHEN a.currency = b.currency THEN a.currency ELSE 'USD' END AS currency,
           a.source AS source_counted, CASE WHEN a.currency = b.currency THEN a.amount_counted ELSE a.usd_counted END AS amount_counted,
           b.source AS source_excluded, CASE WHEN a.currency = b.currency THEN b.amount_excluded ELSE b.usd_excluded END AS amount_excluded,
           a.currency IS DISTINCT FROM b.currency AS converted, a.bases IS DISTINCT FROM b.bases AS other_basis,
           has_word(b.flags, 'latest_period') AS late, has_word(a.flags, 'approximate') OR has_word(b.flags, 'approximate') AS about, false AS whole,
           b.rule, a.cycle, a.grant_id, b.years
    FROM sides a
    JOIN sides b ON b.source <> a.source AND b.kind = a.kind
        AND b.who IS NOT DISTINCT FROM a.who AND b.country IS NOT DISTINCT FROM a.country AND b.year IS NOT DISTINCT FROM a.year
        AND b.intervention IS NOT DISTINCT FROM a.intervention AND b.grant_id IS NOT DISTINCT FROM a.grant_id
    WHERE a.amount_counted IS NOT NULL AND b.amount_excluded IS NOT NULL
), wholes AS ( -- what of a whole counts as parts of other sources, against those parts
    SELECT w.funder, w.who AS funder_group, w.country, w.year, w.kind, w.intervention, 'USD' AS currency,
           w.stands_for_group AS source_counted, (
               SELECT sum(p.usd) FROM seen p
               WHERE p.counted AND p.who = w.who AND p.country = w.country AND p.year = w.year AND p.kind = w.kind AND p.intervention <> w.intervention
                 AND has_word(w.stands_for_group, p.source)) AS amount_counted,
           w.source AS source_excluded, sum(w.usd) AS amount_excluded,
           false AS converted, false AS other_basis, false AS late, false AS about, true AS whole,
           'parts_elsewhere' AS rule, NULL::VARCHAR AS cycle, NULL::VARCHAR AS grant_id, NULL::VARCHAR AS years
    FROM seen w
    WHERE w.excluded_by = 'parts_elsewhere' AND w.country IS NOT NULL AND w.year IS NOT NULL AND w.stands_for_group IS NOT NULL
    GROUP BY ALL
), both_sides AS (
    SELECT *, (amount_excluded - amount_counted)::DECIMAL(38,6) AS difference, pct(amount_excluded - amount_counted, amount_counted) AS difference_pct
    FROM (FROM pairs UNION ALL BY NAME FROM wholes)
    WHERE amount_counted IS NOT NULL AND amount_excluded IS NOT NULL
)
SELECT funder, funder_group, country, year, kind, intervention, currency, source_counted, amount_counted::DECIMAL(38,6) AS amount_counted,
       source_excluded, amount_excluded::DECIMAL(38,6) AS amount_excluded, difference, difference_pct,
       CASE WHEN whole THEN 'whole_and_parts'
            WHEN abs(difference_pct) < 0.01 THEN 'same'
            WHEN abs(difference_pct) < CASE WHEN about THEN 5 ELSE 0.5 END THEN 'rounding'
            WHEN late THEN 'latest_period'
            WHEN other_basis THEN 'year_basis'
            WHEN converted AND abs(difference_pct) < 10 THEN 'exchange_rate'
            WHEN grant_id IS NOT NULL AND years IS NOT NULL AND abs(amount_excluded) < abs(amount_counted) THEN 'years_of_a_cycle'
            ELSE 'timing_or_coverage' END AS cause,
       rule, cycle, grant_id, years
FROM both_sides;
