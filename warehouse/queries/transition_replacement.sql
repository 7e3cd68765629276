-- transition_replacement: whether domestic money replaced a donor that left: HIV money of a country by its own account from three years before to five years after the transition. One row per year; the last columns compare the newest year after with the year before.
-- @question 10
-- @param country  text: only this country (alpha-3)
-- @column country  ISO 3166-1 alpha-3.
-- @column donor  Who left.
-- @column transition_year  Year in which its regular money ended (transitions).
-- @column offset_years  Years from the transition, -3 to 5.
-- @column year  The year of the row.
-- @column domestic  Domestic public HIV money by the country's own account, nominal US dollars.
-- @column external  International HIV money by the same account.
-- @column replacement_ratio  Growth of domestic money in per cent of the fall of external money, from the last year before the transition to this one; only for years after it, and only where external money fell.
-- @column transition_source  Where the year of the transition stands.
-- @trace best_flows country=country, year=year, 'calendar'=year_basis
WITH asked AS (
    FROM asked($country::VARCHAR, NULL)
), account AS (
    SELECT b.country, b.year, sum(b.usd) FILTER (b.funder_type = 'domestic_public')::DECIMAL(38,6) AS domestic, sum(b.usd) FILTER (b.funder_type <> 'domestic_public' AND b.funder_type <> 'private')::DECIMAL(38,6) AS external,
           sum(b.n_without_usd) AS n_without_usd, words(list(b.source)) AS source_ids, words(list(b.flags)) AS flags, least_sure(list(b.confidence)) AS confidence, one_status(list(b.status)) AS status
    FROM best_interventions b
    WHERE has_word(b.flags, 'country_reported') AND b.measure = 'spent' AND b.year_basis = 'calendar'
    GROUP BY b.country, b.year
), years AS (
    SELECT t.*, o.offset_years, t.year + o.offset_years AS year_of
    FROM transitions t JOIN asked a ON a.country = t.country, (SELECT unnest(range(-3, 6))::INTEGER AS offset_years) o
), rows_of AS (
    SELECT y.country, y.donor, y.year AS transition_year, y.offset_years, y.year_of, y.source_url, m.domestic, m.external, m.source_ids, m.confidence, m.status,
           b.domestic AS domestic_before, b.external AS external_before, b.year AS year_before,
           CASE WHEN m.country IS NULL THEN 'no_account_of_all'
                WHEN m.n_without_usd > 0 THEN 'some_without_usd'
                WHEN contains(m.flags, 'series_break') OR y.offset_years >= 0 AND contains(b.flags, 'series_break') THEN 'series_break'
                WHEN y.offset_years >= 0 AND b.country IS NULL THEN 'no_year_before'
                WHEN y.offset_years >= 0 AND m.external >= b.external THEN 'external_did_not_fall'
                ELSE 'compared' END AS reason
    FROM years y LEFT JOIN account m ON m.country = y.country AND m.year = y.year_of
    LEFT JOIN account b ON b.country = y.country AND b.year = (SELECT max(x.year) FROM account x WHERE x.country = y.country AND x.year < y.year AND x.year >= y.year - 3)
    UNION ALL BY NAME
    SELECT a.country, 'no_transition_recorded' AS reason FROM asked a WHERE ($country::VARCHAR IS NOT NULL OR NOT EXISTS (SELECT 1 FROM years)) AND a.country NOT IN (SELECT country FROM transitions)
)
SELECT country, donor, transition_year, offset_years, year_of AS year, domestic, external,
       CASE WHEN offset_years >= 0 AND reason = 'compared' THEN pct(domestic - domestic_before, external_before - external) END AS replacement_ratio, source_url AS transition_source,
       n_words(source_ids) AS n_sources, coalesce(status, 'not_reported') AS status,
       CASE WHEN offset_years >= 0 AND reason = 'compared' THEN 'against ' || year_before || ', nominal US dollars' END AS method, confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
ORDER BY country, donor, offset_years;
