-- country_kinds: counted money of a country by year or grant cycle, kind, financing entity and intervention: every kind apart. Kinds are never added together; rows without a year are never annual.
-- @param country  text, required: country (alpha-3)
-- @param intervention  text: only this intervention
-- @column cites  Where the statements stand, blank-separated: source|address, source|withheld, or source| without an address.
WITH cited AS (
    SELECT f.year, f.year_basis, f.cycle, f.kind, f.funder, f.funder_type, f.intervention,
           words(list(DISTINCT f.source || '|' || coalesce(replace(d.url, ' ', '%20'), CASE WHEN d.raw LIKE '%"withheld":true%' THEN 'withheld' ELSE '' END))) AS cites
    FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id
    WHERE f.counted AND f.country = $country::VARCHAR
    GROUP BY ALL
)
SELECT s.year, s.year_basis, s.cycle, s.kind, s.funder, s.funder_type, s.intervention,
       sum(s.usd)::DECIMAL(38,6) AS usd,
       CASE WHEN min(s.currency) = max(s.currency) AND count(s.currency) = count(*) THEN sum(s.amount)::DECIMAL(38,6) END AS amount,
       CASE WHEN min(s.currency) = max(s.currency) AND count(s.currency) = count(*) THEN min(s.currency) END AS currency,
       sum(s.n_flows)::BIGINT AS n_flows, sum(s.n_without_usd)::BIGINT AS n_without_usd,
       words(list(s.hr_methods)) AS hr_methods, words(list(s.flags)) AS flags, words(list(s.sources)) AS sources, words(list(s.origin)) AS origin, any_value(c.cites) AS cites
FROM spending s
LEFT JOIN cited c ON c.year IS NOT DISTINCT FROM s.year AND c.year_basis IS NOT DISTINCT FROM s.year_basis AND c.cycle IS NOT DISTINCT FROM s.cycle
    AND c.kind = s.kind AND c.funder IS NOT DISTINCT FROM s.funder AND c.funder_type IS NOT DISTINCT FROM s.funder_type AND c.intervention IS NOT DISTINCT FROM s.intervention
WHERE s.country = $country::VARCHAR
  AND ($intervention::VARCHAR IS NULL OR s.intervention = $intervention::VARCHAR)
GROUP BY s.year, s.year_basis, s.cycle, s.kind, s.funder, s.funder_type, s.intervention
ORDER BY s.year DESC NULLS LAST, s.cycle DESC, s.intervention, s.funder, s.kind;
