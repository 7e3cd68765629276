-- harm_reduction_years: harm reduction money of a country in a year over all financing entities known, per definition. Every sum names its measures and whether it may be compared.
-- @column definition  core-3, comprehensive-9, who-2022, hri or broad (definitions).
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...: years of different bases are not added.
-- @column usd  Nominal US dollars; null when none is known.
-- @column usd_constant  Constant US dollars of the release's base year; null unless every flow has it.
-- @column measures  Measures it is made of: spent, disbursed, budgeted.
-- @column n_without_usd  Flows without US dollars, not in usd.
-- @column hr_methods  How interventions were decided.
-- @column confidence  The least of the confidence levels in it.
-- @column status  reported, or imputed when a part is.
-- @column sources  Sources, blank-separated.
-- @column comparable  Whether it may stand beside the same figure of another country or year.
-- @column reason  Why, or why not (reasons).
-- @column flags  Marks that occur.
-- @column origin  live, given, bundled.
CREATE VIEW harm_reduction_years AS
WITH sums AS (
    SELECT definition, country, year, year_basis, sum(usd)::DECIMAL(38,6) AS usd,
           CASE WHEN count(usd_constant) = count(*) THEN sum(usd_constant)::DECIMAL(38,6) END AS usd_constant,
           words(list(measure)) AS measures, sum(n_without_usd)::BIGINT AS n_without_usd, words(list(hr_methods)) AS hr_methods,
           least_sure(list(confidence)) AS confidence, one_status(list(status)) AS status, words(list(source)) AS sources,
           words(list(flags)) AS flags, words(list(origin)) AS origin,
           bool_or(has_word(flags, 'country_reported')) OR count(DISTINCT funder_group) > 1 AND bool_or(funder_type = 'domestic_public') AS whole,
           count(*) OVER (PARTITION BY definition, country, year) > 1 AS split
    FROM harm_reduction
    GROUP BY definition, country, year, year_basis
), reasoned AS ( -- payers who disclose singly are a lower bound of what there is
    SELECT *, CASE WHEN split THEN 'part_in_other_year_basis' WHEN usd <= 0 THEN 'corrections_only'
                   WHEN money_reason(measures, n_without_usd) = 'compared' AND NOT whole THEN 'payers_known_singly' ELSE money_reason(measures, n_without_usd) END AS reason
    FROM sums
)
SELECT definition, country, year, year_basis, usd, usd_constant, measures, n_without_usd, hr_methods, confidence, status, sources,
       reason = 'compared' AS comparable, reason, flags, origin
FROM reasoned;
