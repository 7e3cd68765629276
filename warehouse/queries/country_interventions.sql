-- country_interventions: counted money of a country by year or grant cycle, kind and intervention. Kinds are never added together; rows without a year belong to a whole grant cycle and are never annual.
-- @param country  text, required: country (alpha-3)
-- @param kind  text: only this kind of money
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: only interventions of this definition of harm reduction
SELECT s.year, s.year_basis, s.cycle, s.kind, s.intervention, i.name_en, i.name_ru, g.intervention_group,
       sum(s.usd)::DECIMAL(38,6) AS usd, sum(s.n_flows)::BIGINT AS n_flows, sum(s.n_without_usd)::BIGINT AS n_without_usd,
       words(list(s.funder_type)) AS funder_types, list_sort(list_distinct(list(s.funder)))::VARCHAR AS funders,
       words(list(s.hr_methods)) AS hr_methods, words(list(s.flags)) AS flags, words(list(s.sources)) AS sources, words(list(s.origin)) AS origin
FROM spending s
LEFT JOIN interventions i ON i.id = s.intervention
LEFT JOIN intervention_groups g ON g.intervention = s.intervention
WHERE s.country = $country::VARCHAR
  AND ($kind::VARCHAR IS NULL OR s.kind = $kind::VARCHAR)
  AND ($definition::VARCHAR IS NULL OR s.intervention IN (SELECT intervention FROM definitions WHERE definition = $definition::VARCHAR))
GROUP BY s.year, s.year_basis, s.cycle, s.kind, s.intervention, i.name_en, i.name_ru, g.intervention_group
ORDER BY s.year NULLS LAST, s.cycle, s.kind, s.intervention;
