-- country_also: counted money that names a country among several and is not in its totals: several countries without published shares are never split.
-- @param country  text, required: country (alpha-3)
-- @column cites  Where the statements stand, blank-separated: source|address, source|withheld, or source| without an address.
SELECT f.activity_id, min(f.title) AS title, f.funder, f.kind, f.year, f.cycle, f.intervention, f.countries, f.region,
       f.currency, sum(f.amount)::DECIMAL(38,6) AS amount, sum(f.usd)::DECIMAL(38,6) AS usd, count(*) AS n_flows, count(*) - count(f.usd) AS n_without_usd,
       f.source, words(list(DISTINCT f.hr_method)) AS hr_methods, words(list(f.flags)) AS flags, words(list(DISTINCT f.origin)) AS origin, min(f.flow_id) AS flow_id,
       words(list(DISTINCT f.source || '|' || coalesce(replace(d.url, ' ', '%20'), CASE WHEN d.raw LIKE '%"withheld":true%' THEN 'withheld' ELSE '' END))) AS cites
FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id
WHERE f.country IS NULL AND f.counted AND has_word(f.countries, $country::VARCHAR)
GROUP BY f.activity_id, f.funder, f.kind, f.year, f.cycle, f.intervention, f.countries, f.region, f.currency, f.source
ORDER BY f.year NULLS LAST, f.activity_id, f.kind;
