-- largest_gaps: which countries have the largest gaps between harm reduction money and our estimate of need, in dollars and in per cent, in their newest year with both (or in the year asked for). Gaps are ranges: a country ranks above another only where the ranges do not overlap, so several share a rank.
-- @question 3
-- @param area  text: only countries of this area
-- @param year  int: only this year; left out: the newest year with money and need of each country
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, hri when left out
-- @column rank_abs  1 + the countries of the same year whose whole range of gap_usd lies above this one's; null when there is no gap to rank: where the money of single payers only is known, the gap is an upper bound and is ranked among the like.
-- @column rank_rel  The same by gap_pct.
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year of the money and the prices of need.
-- @column definition  Definition of harm reduction.
-- @column spend  Harm reduction money, nominal US dollars.
-- @column gap_usd_low  Lower estimate of need less spend.
-- @column gap_usd_high  Upper estimate of need less spend.
-- @column gap_pct_low  gap_usd_low in per cent of the lower need.
-- @column gap_pct_high  gap_usd_high in per cent of the upper need.
-- @column pwid_pop  Number of people who inject drugs the need starts from.
-- @column gap_per_pwid_low  gap_usd_low per person.
-- @column gap_per_pwid_high  gap_usd_high per person.
-- @trace harm_reduction_flows definition=definition, country=country, year=year -> spend=usd
-- @trace needs_by_year country=country, year=year, 'bottom_up'=method
WITH asked AS (
    FROM asked(NULL, $area::VARCHAR)
), found AS (
    SELECT h.*, n.low, n.high, p.pwid, p.pwid_low, p.pwid_high, n.inputs
    FROM harm_reduction_years h
    JOIN needs_by_year n ON n.country = h.country AND n.year = h.year AND n.method = 'bottom_up'
    JOIN people_by_year p ON p.country = h.country AND p.year = h.year
    JOIN asked a ON a.country = h.country
    WHERE h.definition = coalesce($definition::VARCHAR, 'hri') AND h.usd > 0 AND h.reason <> 'part_in_other_year_basis'
      AND ($year::INTEGER IS NULL OR h.year = $year::INTEGER)
    QUALIFY row_number() OVER (PARTITION BY h.country ORDER BY h.year DESC, h.year_basis) = 1
), gaps_of AS (
    SELECT *, reason IN ('compared', 'payers_known_singly') AS rankable, (low - usd)::DECIMAL(38,6) AS gap_low, (high - usd)::DECIMAL(38,6) AS gap_high, pct(low - usd, low) AS pct_low, pct(high - usd, high) AS pct_high
    FROM found
), rows_of AS (
    SELECT a.country AS asked_country, g.*,
           CASE WHEN g.country IS NULL THEN CASE WHEN EXISTS (SELECT 1 FROM people_by_year p WHERE p.country = a.country) THEN 'no_money_known' ELSE 'no_people_known' END
                WHEN g.reason = 'compared' AND coalesce($definition::VARCHAR, 'hri') NOT IN ('hri', 'core-3') THEN 'definition_differs'
                ELSE g.reason END AS why
    FROM asked a LEFT JOIN gaps_of g ON g.country = a.country
)
SELECT CASE WHEN g.rankable THEN 1 + (SELECT count(*) FROM gaps_of o WHERE o.rankable AND o.year = g.year AND o.gap_low > g.gap_high) END AS rank_abs,
       CASE WHEN g.rankable THEN 1 + (SELECT count(*) FROM gaps_of o WHERE o.rankable AND o.year = g.year AND least(o.pct_low, o.pct_high) > greatest(g.pct_low, g.pct_high)) END AS rank_rel,
       asked_country AS country, coalesce(g.year, $year::INTEGER) AS year, coalesce($definition::VARCHAR, 'hri') AS definition,
       g.usd AS spend, g.gap_low AS gap_usd_low, g.gap_high AS gap_usd_high, g.pct_low AS gap_pct_low, g.pct_high AS gap_pct_high, g.pwid AS pwid_pop,
       scaled(g.gap_low, 1, g.pwid_low) AS gap_per_pwid_low, scaled(g.gap_high, 1, g.pwid_high) AS gap_per_pwid_high,
       n_words(g.sources) AS n_sources, coalesce(g.status, 'not_reported') AS status, concat_ws('; need ', g.measures, g.inputs) AS method, g.confidence,
       why = 'compared' AS comparable, why AS reason, reason_en(why) AS reason_en, (SELECT max(release) FROM releases) AS release_id, g.sources AS source_ids
FROM rows_of g
ORDER BY g.year DESC NULLS LAST, rank_abs NULLS LAST, rank_rel, asked_country;
