-- country_kinds: counted money of a country by year or grant cycle, kind, financing entity and intervention: every kind apart. Kinds are never added together; rows without a year are never annual.
-- @param country  text, required: country (alpha-3)
-- @param intervention  text: only this intervention
SELECT s.year, s.year_basis, s.cycle, s.kind, s.funder, s.funder_type, s.intervention,
       sum(s.usd)::DECIMAL(38,6) AS usd,
       CASE WHEN min(s.currency) = max(s.currency) AND count(s.currency) = count(*) THEN sum(s.amount)::DECIMAL(38,6) END AS amount,
       CASE WHEN min(s.currency) = max(s.currency) AND count(s.currency) = count(*) THEN min(s.currency) END AS currency,
       sum(s.n_flows)::BIGINT AS n_flows, sum(s.n_without_usd)::BIGINT AS n_without_usd,
       words(list(s.hr_methods)) AS hr_methods, words(list(s.flags)) AS flags, words(list(s.sources)) AS sources, words(list(s.origin)) AS origin
FROM spending s
WHERE s.country = $country::VARCHAR
  AND ($intervention::VARCHAR IS NULL OR s.intervention = $intervention::VARCHAR)
GROUP BY s.year, s.year_basis, s.cycle, s.kind, s.funder, s.funder_type, s.intervention
ORDER BY s.year DESC NULLS LAST, s.cycle DESC, s.intervention, s.funder, s.kind;
