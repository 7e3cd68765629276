-- best_available: the only sum across kinds. Per financing entity, country, year and intervention group exactly one measure of exactly one source: money spent by the source's own rule (sources.spent), else disbursed, else budget slices that carry their own year. Budgets of a whole grant cycle are never inside. Every figure made from it names its measures; a change is shown only between years with the same funders and measures. A country's own report of all HIV money (flag country_reported) contains what single payers spent there: where one counts money spent on HIV in general (hiv_other), it is the only source of that group in that country and year (same year_basis), and the other sources stand in other_sources, beside it, not in any sum. Harm reduction and the other groups are not touched by this: what of the report other sources state as services was taken out of it before (excluded_by parts_elsewhere). Agencies of one government are one financing entity (funder_group).
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...: years of different bases are not added.
-- @column funder  Financing entity.
-- @column funder_group  What it counts as: of one group exactly one measure of one source is taken.
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
    SELECT country, year, year_basis, funder, funder_type, coalesce(funder_group, funder) AS funder_group, intervention, source, kind, hr_method, flags, origin, counted,
           sum(usd) AS usd, count(*) AS n_flows, count(usd) AS n_usd
    FROM flows
    -- A country's own account of its HIV money is whole: what of it counts elsewhere by authority is needed where the account itself is taken.
    WHERE (counted OR excluded_by = 'authority' AND intervention = 'hiv_other' AND list_contains(string_split(flags, ' '), 'country_reported'))
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
), reports AS ( -- a country's own account of its HIV money: it contains the payers that other sources state singly
    SELECT country, year, year_basis, source AS report
    FROM candidates
    WHERE rank = 1 AND intervention_group = 'hiv_other' AND list_contains(string_split(flags, ' '), 'country_reported')
    QUALIFY row_number() OVER (PARTITION BY country, year, year_basis ORDER BY authority, source) = 1
), cells AS (
    SELECT c.country, c.year, c.year_basis, funder, funder_type, funder_group, intervention_group, rank, authority, c.source,
           coalesce(any_value(r.report) <> c.source, false) AS beside, any_value(r.report) AS report,
           sum(usd)::DECIMAL(38,6) AS usd, sum(n_flows)::BIGINT AS n_flows, (sum(n_flows) - sum(n_usd))::BIGINT AS n_without_usd,
           words(list(kind)) AS kinds, words(list(intervention)) AS interventions,
           words(list(hr_method)) AS hr_methods, words(list(flags)) AS flags, words(list(origin)) AS origin
    FROM candidates c
    LEFT JOIN reports r ON intervention_group = 'hiv_other' AND r.country = c.country AND r.year = c.year AND r.year_basis IS NOT DISTINCT FROM c.year_basis
    WHERE rank IS NOT NULL AND (counted OR r.report = c.source)
    GROUP BY c.country, c.year, c.year_basis, funder, funder_type, funder_group, intervention_group, rank, authority, c.source
), ranked AS (
    SELECT *,
           dense_rank() OVER (cell ORDER BY beside, rank, authority, source) AS place,
           CASE WHEN report IS NULL THEN list(source) OVER (PARTITION BY country, year, year_basis, funder_group, intervention_group)
                ELSE list(source) OVER (PARTITION BY country, year, year_basis, intervention_group) END AS all_sources
    FROM cells
    WINDOW cell AS (PARTITION BY country, year, year_basis, funder_group, intervention_group)
)
SELECT country, year, year_basis, funder, funder_type, funder_group, intervention_group,
       CASE rank WHEN 1 THEN 'spent' WHEN 2 THEN 'disbursed' ELSE 'budgeted' END AS measure,
       kinds, source,
       words(list_filter(all_sources, x -> x <> source)) AS other_sources,
       usd, n_flows, n_without_usd, interventions, hr_methods, flags, origin
FROM ranked
WHERE place = 1 AND NOT beside;
