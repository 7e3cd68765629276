-- page_donor: what a financing entity gave, in the donor view, by year or grant cycle, kind, country and intervention group. Kinds are never added together; rows without a year are of a whole cycle or have no period, and are never annual.
-- @param funder  text: only this one, the funder_id of page_donors
-- @param definition  text of all|core-3|comprehensive-9|who-2022|hri|broad: only interventions of this definition of harm reduction; all money when left out or all
-- @param country  text: only this country (alpha-3)
-- @param year  int: only this year
-- @param kind  text: only this kind of money
-- @column cites  Where the statements stand, blank-separated: source|address, source|withheld, or source| without an address.
SELECT coalesce(f.funder_group, f.funder) AS funder_id, f.year, f.year_basis, f.cycle, f.kind, f.country, CASE WHEN f.country IS NULL THEN f.countries END AS countries, g.intervention_group,
       sum(f.usd)::DECIMAL(38,6) AS usd, count(*) AS n_flows, count(*) - count(f.usd) AS n_without_usd, words(list(DISTINCT f.intervention)) AS interventions,
       words(list(DISTINCT f.hr_method)) AS hr_methods, words(list(f.flags)) AS flags, words(list(DISTINCT f.source)) AS sources, words(list(DISTINCT f.origin)) AS origin,
       words(list(DISTINCT f.source || '|' || coalesce(replace(x.url, ' ', '%20'), CASE WHEN x.raw LIKE '%"withheld":true%' THEN 'withheld' ELSE '' END))) AS cites
FROM flows f JOIN disclosures x ON x.disclosure_id = f.disclosure_id
LEFT JOIN intervention_groups g ON g.intervention = f.intervention
WHERE f.counted_donor AND f.funder IS NOT NULL
  AND ($funder::VARCHAR IS NULL OR coalesce(f.funder_group, f.funder) = $funder::VARCHAR)
  AND (coalesce($definition::VARCHAR, 'all') = 'all' OR f.intervention IN (SELECT intervention FROM definitions WHERE definition = $definition::VARCHAR))
  AND ($country::VARCHAR IS NULL OR f.country = $country::VARCHAR OR f.country IS NULL AND has_word(f.countries, $country::VARCHAR))
  AND ($year::INTEGER IS NULL OR f.year = $year::INTEGER)
  AND ($kind::VARCHAR IS NULL OR f.kind = $kind::VARCHAR)
GROUP BY coalesce(f.funder_group, f.funder), f.year, f.year_basis, f.cycle, f.kind, f.country, CASE WHEN f.country IS NULL THEN f.countries END, g.intervention_group
ORDER BY funder_id, f.year DESC NULLS LAST, f.cycle, f.kind, f.country NULLS LAST, g.intervention_group;
