-- country_funders: counted money of a country by financing entity, year or grant cycle, kind and intervention group. Kinds are never added together.
-- @param country  text, required: country (alpha-3)
-- @param group  text: only this intervention group, such as harm_reduction
SELECT s.funder, s.funder_type, s.year, s.year_basis, s.cycle, s.kind, g.intervention_group,
       sum(s.usd)::DECIMAL(38,6) AS usd,
       CASE WHEN min(s.currency) = max(s.currency) AND count(s.currency) = count(*) THEN sum(s.amount)::DECIMAL(38,6) END AS amount,
       CASE WHEN min(s.currency) = max(s.currency) AND count(s.currency) = count(*) THEN min(s.currency) END AS currency,
       sum(s.n_flows)::BIGINT AS n_flows, sum(s.n_without_usd)::BIGINT AS n_without_usd,
       words(list(s.intervention)) AS interventions, words(list(s.hr_methods)) AS hr_methods, words(list(s.flags)) AS flags,
       words(list(s.sources)) AS sources, words(list(s.origin)) AS origin
FROM spending s
LEFT JOIN intervention_groups g ON g.intervention = s.intervention
WHERE s.country = $country::VARCHAR
  AND ($group::VARCHAR IS NULL OR g.intervention_group = $group::VARCHAR)
GROUP BY s.funder, s.funder_type, s.year, s.year_basis, s.cycle, s.kind, g.intervention_group
ORDER BY s.year NULLS LAST, s.cycle, s.kind, s.funder_type, s.funder, g.intervention_group;
