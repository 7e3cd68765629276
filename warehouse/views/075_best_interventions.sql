-- best_interventions: what best_available is made of, one row per financing entity, country, year, intervention and kind of money: the flows of the one measure and the one source taken for its group. best_available says how they are chosen.
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...: years of different bases are not added.
-- @column funder  Financing entity.
-- @column funder_group  What it counts as: of one group exactly one measure of one source is taken.
-- @column funder_type  domestic_public, bilateral, multilateral, philanthropic, private, unknown.
-- @column intervention_group  Group of interventions (intervention_groups).
-- @column intervention  What the money buys (interventions).
-- @column measure  spent, disbursed or budgeted.
-- @column kind  Kind of money the measure is made of.
-- @column source  The source it is taken from.
-- @column other_sources  Sources that state money for the same group and are not added, blank-separated (best_available).
-- @column usd  Sum in nominal US dollars of the flows that have a rate; null when none has.
-- @column usd_constant  Sum in constant US dollars of the release's base year; null unless every flow of the row has it.
-- @column amount  Sum in the original currency; null when the row holds several currencies.
-- @column currency  ISO 4217 of amount.
-- @column in_hiv_total  Whether the row belongs into a sum over all HIV money of the country and year. Not: what a country's own account of all its HIV money contains already; of one payer, services stated by a lesser measure than its money for HIV in general, which contains them; and its money for HIV in general where its services are known by a better measure. Two views of one dollar are never added.
-- @column usd_community  The part of usd that community-led organisations implement, as far as the sources say so; null when they do not.
-- @column n_flows  Flows in the row.
-- @column n_without_usd  Flows without US dollars, not in usd.
-- @column hr_methods  How interventions were decided.
-- @column confidence  Confidence levels that occur.
-- @column status  reported, imputed: which occur.
-- @column flags  Marks that occur.
-- @column origin  live, given, bundled.
CREATE TABLE best_interventions AS
WITH parts AS ( -- words are collected over few rows: collecting them per flow takes ten times as long
    SELECT country, year, year_basis, funder, funder_type, coalesce(funder_group, funder) AS funder_group, intervention, source, kind,
           hr_method, confidence, status, flags, origin, currency, community_led, counted, excluded_by, coalesce(tier = 'domestic', false) AS domestic,
           sum(usd) AS usd, sum(usd_constant) AS usd_constant, sum(amount) AS amount, count(*) AS n_flows, count(usd) AS n_usd, count(usd_constant) AS n_constant
    FROM flows
    -- A country's own account is whole: what of it counts elsewhere is needed where the account itself is taken.
    WHERE (counted OR excluded_by IN ('authority', 'parts_elsewhere') AND intervention IN ('hiv_other', 'unspecified_pwid') AND has_word(flags, 'country_reported'))
      AND country IS NOT NULL AND year IS NOT NULL AND kind IN ('expenditure', 'disbursement', 'budget')
    GROUP BY ALL
), candidates AS (
    SELECT p.*, g.intervention_group, s.authority,
           -- The Global Fund's payments to its recipients are not spending yet (money
           -- rule 2), also where it publishes them as IATI.
           CASE WHEN p.kind = 'disbursement' AND p.funder = 'Global Fund' THEN 2
                WHEN s.spent IN ('sum', 'expenditure') AND p.kind = 'expenditure' THEN 1
                WHEN s.spent = 'sum' AND p.kind = 'disbursement' THEN 1
                WHEN p.kind = 'disbursement' THEN 2
                WHEN p.kind = 'budget' THEN 3 END AS rank
    FROM parts p
    JOIN sources s ON s.source = p.source
    LEFT JOIN intervention_groups g ON g.intervention = p.intervention
), reports AS ( -- a country's own account of its money for HIV, or for people who inject drugs: it contains the payers of the kinds it names that other sources state singly
    SELECT country, year, year_basis, intervention_group, source AS report,
           bool_or(domestic OR funder IS NULL) AS holds_domestic, bool_or(NOT domestic) AS holds_international, list(DISTINCT funder_group) AS payers
    FROM candidates
    WHERE rank = 1 AND intervention IN ('hiv_other', 'unspecified_pwid') AND has_word(flags, 'country_reported')
    GROUP BY country, year, year_basis, intervention_group, source, authority
    QUALIFY row_number() OVER (PARTITION BY country, year, year_basis, intervention_group ORDER BY authority, source) = 1
), cells AS (
    SELECT c.country, c.year, c.year_basis, funder, funder_type, funder_group, c.intervention_group, intervention, kind, rank, authority, c.source,
           coalesce(any_value(r.report) <> c.source AND CASE WHEN domestic THEN any_value(r.holds_domestic) ELSE any_value(r.holds_international) END, false) AS beside, any_value(r.report) AS report,
           coalesce(CASE WHEN domestic THEN any_value(h.holds_domestic) ELSE any_value(h.holds_international) END, false) AS accounted,
           any_value(h.report) AS account, coalesce(list_contains(any_value(h.payers), funder_group), false) AS account_payer,
           sum(usd)::DECIMAL(38,6) AS usd,
           CASE WHEN sum(n_constant) = sum(n_flows) THEN sum(usd_constant)::DECIMAL(38,6) END AS usd_constant,
           CASE WHEN min(currency) = max(currency) THEN sum(amount)::DECIMAL(38,6) END AS amount,
           CASE WHEN min(currency) = max(currency) THEN min(currency) END AS currency,
           sum(usd) FILTER (community_led)::DECIMAL(38,6) AS usd_community,
           sum(n_flows)::BIGINT AS n_flows, (sum(n_flows) - sum(n_usd))::BIGINT AS n_without_usd,
           words(list(hr_method)) AS hr_methods, words(list(confidence)) AS confidence, words(list(c.status)) AS status,
           words(list(flags)) AS flags, words(list(origin)) AS origin
    FROM candidates c
    LEFT JOIN reports r ON r.intervention_group = c.intervention_group AND r.country = c.country AND r.year = c.year AND r.year_basis IS NOT DISTINCT FROM c.year_basis
    LEFT JOIN reports h ON h.intervention_group = 'hiv_other' AND h.country = c.country AND h.year = c.year AND h.year_basis IS NOT DISTINCT FROM c.year_basis
    LEFT JOIN reports p ON p.intervention_group = 'harm_reduction' AND p.country = c.country AND p.year = c.year AND p.year_basis IS NOT DISTINCT FROM c.year_basis
    WHERE rank IS NOT NULL
      AND (counted OR r.report = c.source AND (excluded_by = 'authority' OR p.report = c.source)) -- services that count elsewhere are added to an account, unless it has its own
    GROUP BY c.country, c.year, c.year_basis, funder, funder_type, funder_group, domestic, c.intervention_group, intervention, kind, rank, authority, c.source
), ranked AS (
    SELECT *,
           dense_rank() OVER (cell ORDER BY beside, rank, authority, source) AS place,
           CASE WHEN report IS NULL THEN list(source) OVER (PARTITION BY country, year, year_basis, funder_group, intervention_group)
                ELSE list(source) OVER (PARTITION BY country, year, year_basis, intervention_group) END AS all_sources
    FROM cells
    WINDOW cell AS (PARTITION BY country, year, year_basis, funder_group, intervention_group)
), chosen AS (
    SELECT *, intervention_group IN ('harm_reduction', 'treatment', 'enablers', 'hiv_other') AS hiv,
           min(rank) FILTER (intervention_group = 'hiv_other') OVER payer AS whole_rank,
           min(rank) FILTER (intervention_group IN ('harm_reduction', 'treatment', 'enablers')) OVER payer AS part_rank
    FROM ranked
    WHERE place = 1 AND NOT beside
    WINDOW payer AS (PARTITION BY country, year, year_basis, funder_group)
)
SELECT country, year, year_basis, funder, funder_group, funder_type, intervention_group, intervention,
       CASE rank WHEN 1 THEN 'spent' WHEN 2 THEN 'disbursed' ELSE 'budgeted' END AS measure,
       kind, source, words(list_filter(all_sources, x -> x <> source)) AS other_sources,
       usd, usd_constant, amount, currency,
       CASE WHEN NOT coalesce(hiv, false) THEN false
            WHEN intervention_group = 'hiv_other' THEN coalesce(source = account, false) OR part_rank IS NULL OR whole_rank <= part_rank
            WHEN accounted THEN source <> account AND account_payer AND kind = 'expenditure' -- taken out of the account: parts_elsewhere
            ELSE whole_rank IS NULL OR rank <= whole_rank OR coalesce(part_rank < whole_rank, false) END AS in_hiv_total,
       usd_community, n_flows, n_without_usd, hr_methods, confidence, status, flags, origin
FROM chosen;
