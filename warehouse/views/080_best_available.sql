-- best_available: the only sum across kinds. Per financing entity, country, year and intervention group exactly one measure of exactly one source: money spent by the source's own rule (sources.spent), else disbursed, else budget slices that carry their own year. Budgets of a whole grant cycle are never inside. Every figure made from it names its measures; a change is shown only between years with the same funders and measures.
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...: years of different bases are not added.
-- @column funder  Financing entity.
-- @column funder_type  domestic_public, bilateral, multilateral, philanthropic, private, unknown.
-- @column intervention_group  Group of interventions (intervention_groups).
-- @column measure  spent, disbursed or budgeted.
-- @column kinds  Kinds the measure is made of, blank-separated.
-- @column source  The source it is taken from: of those with the best measure, the one with most authority.
-- @column other_sources  Sources that state money for the same cell and are not added, blank-separated.
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
), cells AS (
    SELECT country, year, year_basis, funder, funder_type, intervention_group, rank, authority, source,
           sum(usd)::DECIMAL(24,6) AS usd, sum(n_flows)::BIGINT AS n_flows, (sum(n_flows) - sum(n_usd))::BIGINT AS n_without_usd,
           words(list(kind)) AS kinds, words(list(intervention)) AS interventions,
           words(list(hr_method)) AS hr_methods, words(list(flags)) AS flags, words(list(origin)) AS origin
    FROM candidates
    WHERE rank IS NOT NULL
    GROUP BY country, year, year_basis, funder, funder_type, intervention_group, rank, authority, source
), ranked AS (
    SELECT *,
           row_number() OVER (cell ORDER BY rank, authority, source) AS place,
           list(source) OVER (PARTITION BY country, year, year_basis, funder, funder_type, intervention_group) AS all_sources
    FROM cells
    WINDOW cell AS (PARTITION BY country, year, year_basis, funder, funder_type, intervention_group)
)
SELECT country, year, year_basis, funder, funder_type, intervention_group,
       CASE rank WHEN 1 THEN 'spent' WHEN 2 THEN 'disbursed' ELSE 'budgeted' END AS measure,
       kinds, source,
       words(list_filter(all_sources, x -> x <> source)) AS other_sources,
       usd, n_flows, n_without_usd, interventions, hr_methods, flags, origin
FROM ranked
WHERE place = 1;
