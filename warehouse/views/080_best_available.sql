-- best_available: the only sum across kinds. Per financing entity, country, year and intervention group exactly one measure of exactly one source: money spent by the source's own rule (sources.spent), else disbursed, else budget slices that carry their own year. Budgets of a whole grant cycle are never inside. Every figure made from it names its measures; a change is shown only between years with the same funders and measures. A country's own report of all HIV money (flag country_reported) contains what single payers spent there: where one counts money spent on HIV in general (hiv_other), or on people who inject drugs in general (unspecified_pwid), it is the only source of that group in that country and year (same year_basis) for the payers it names, domestic, international or both, and the other sources stand in other_sources, beside it, not in any sum. Other groups are not touched by this: what of the report other sources state as services was taken out of it before (excluded_by parts_elsewhere). A sum over groups adds usd_in_hiv_total. Agencies of one government are one financing entity (funder_group).
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
-- @column usd_in_hiv_total  The part of usd that belongs into a sum over all HIV money of the country and year (best_interventions.in_hiv_total); null where none does.
-- @column usd_constant  Sum in constant US dollars of the release's base year; null unless every flow of the row has it.
-- @column amount  Sum in the original currency; null when the row holds several currencies.
-- @column currency  ISO 4217 of amount.
-- @column n_flows  Flows in the row.
-- @column n_without_usd  Flows without US dollars, not in usd.
-- @column interventions  Interventions in it, blank-separated.
-- @column hr_methods  How interventions were decided.
-- @column confidence  Confidence levels that occur.
-- @column status  reported, imputed: which occur.
-- @column flags  Marks that occur.
-- @column origin  live, given, bundled.
CREATE TABLE best_available AS
SELECT country, year, year_basis, funder, funder_type, funder_group, intervention_group, measure,
       words(list(kind)) AS kinds, source, words(list(other_sources)) AS other_sources,
       sum(usd)::DECIMAL(38,6) AS usd, sum(usd) FILTER (in_hiv_total)::DECIMAL(38,6) AS usd_in_hiv_total,
       CASE WHEN count(usd_constant) = count(*) THEN sum(usd_constant)::DECIMAL(38,6) END AS usd_constant,
       CASE WHEN min(currency) = max(currency) AND count(currency) = count(*) THEN sum(amount)::DECIMAL(38,6) END AS amount,
       CASE WHEN min(currency) = max(currency) AND count(currency) = count(*) THEN min(currency) END AS currency,
       sum(n_flows)::BIGINT AS n_flows, sum(n_without_usd)::BIGINT AS n_without_usd,
       words(list(intervention)) AS interventions, words(list(hr_methods)) AS hr_methods, words(list(confidence)) AS confidence,
       words(list(status)) AS status, words(list(flags)) AS flags, words(list(origin)) AS origin
FROM best_interventions
GROUP BY country, year, year_basis, funder, funder_type, funder_group, intervention_group, measure, source;
