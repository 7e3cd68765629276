-- best_available: the only sum across kinds. Per financing entity, country, year and intervention group exactly one measure of exactly one source: money spent by the source's own rule (sources.spent), else disbursed, else budget slices that carry their own year. Budgets of a whole grant cycle are never inside. Every figure made from it names its measures; a change is shown only between years with the same funders and measures. A country's own report of all HIV money (flag country_reported) contains what single payers spent there: where one counts money spent on HIV in general (hiv_other), it is the only source of that group in that country and year (same year_basis), and the other sources stand in other_sources, beside it, not in any sum. Harm reduction and the other groups are not touched by this.
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...: years of different bases are not added.
-- @column funder  Financing entity.
-- @column funder_type  domestic_public, bilateral, multilateral, philanthropic, private, unknown.
-- @column intervention_group  Group of interventions (intervention_groups).
-- @column measure  spent, disbursed or budgeted.
-- @column kinds  Kinds the measure is made of, blank-separated.
-- @column source  The source it is taken from: of those with the best measure, the one with most authority.
-- @column other_sources  Sources that state money for the same cell and are not added, blank-separated; beside a country's own report, every other source of the group in that country and year, whatever its payer.
-- @column usd  Sum in nominal US dollars of the flows that have a rate; null when none has.
-- @column n_flows  Flows in the row.
-- @column n_without_usd  Flows without US dollars, not in usd.
-- @column interventions  Interventions in it, blank-separated.
-- @column hr_methods  How interventions were decided.
-- @column flags  Marks that occur.
-- @column origin  live, given, bundled.
CREATE TABLE best_available AS
WITH parts AS (
    SELECT country, year, year_basis, funder, funder_type, intervention, source, kind, hr_method, flags, origin,
           sum(usd) AS usd, count(*) AS n_flows, count(usd) AS n_usd
    FROM flows
    WHERE counted AND country IS NOT NULL AND year IS NOT NULL AND kind IN ('expenditure', 'disbursement', 'budget')
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
), reports AS ( -- a country's own account of its HIV money: it contains the payers that other sources state singly
    SELECT country, year, year_basis, source AS report
    FROM candidates
    WHERE rank = 1 AND intervention_group = 'hiv_other' AND list_contains(string_split(flags, ' '), 'country_reported')
    QUALIFY row_number() OVER (PARTITION BY country, year, year_basis ORDER BY authority, source) = 1
), cells AS (
    SELECT country, year, year_basis, funder, funder_type, intervention_group, rank, authority, source,
           sum(usd)::DECIMAL(38,6) AS usd, sum(n_flows)::BIGINT AS n_flows, (sum(n_flows) - sum(n_usd))::BIGINT AS n_without_usd,
           words(list(kind)) AS kinds, words(list(intervention)) AS interventions,
           words(list(hr_method)) AS hr_methods, words(list(flags)) AS flags, words(list(origin)) AS origin
    FROM candidates
    WHERE rank IS NOT NULL
    GROUP BY country, year, year_basis, funder, funder_type, intervention_group, rank, authority, source
), ranked AS (
    SELECT c.*, coalesce(r.report <> c.source, false) AS beside,
           row_number() OVER (cell ORDER BY beside, rank, authority, c.source) AS place,
           CASE WHEN r.report IS NULL THEN list(c.source) OVER (PARTITION BY c.country, c.year, c.year_basis, funder, funder_type, intervention_group)
                ELSE list(c.source) OVER (PARTITION BY c.country, c.year, c.year_basis, intervention_group) END AS all_sources
    FROM cells c
    LEFT JOIN reports r ON intervention_group = 'hiv_other' AND r.country = c.country AND r.year = c.year AND r.year_basis IS NOT DISTINCT FROM c.year_basis
    WINDOW cell AS (PARTITION BY c.country, c.year, c.year_basis, funder, funder_type, intervention_group)
)
SELECT country, year, year_basis, funder, funder_type, intervention_group,
       CASE rank WHEN 1 THEN 'spent' WHEN 2 THEN 'disbursed' ELSE 'budgeted' END AS measure,
       kinds, source,
       words(list_filter(all_sources, x -> x <> source)) AS other_sources,
       usd, n_flows, n_without_usd, interventions, hr_methods, flags, origin
FROM ranked
WHERE place = 1 AND NOT beside;
