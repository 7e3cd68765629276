-- page_country_quality: how well a country's money is known, one row per source: how much counts and how much does not, years, and how the services were decided.
-- @param country  text, required: country (alpha-3)
SELECT f.source, count(*) AS n_flows, count(*) FILTER (f.counted) AS n_counted, count(*) FILTER (NOT f.counted) AS n_excluded,
       words(list(DISTINCT f.excluded_by) FILTER (NOT f.counted)) AS excluded_by, count(*) FILTER (f.usd IS NULL) AS n_without_usd,
       count(*) FILTER (f.year IS NULL) AS n_without_year, min(f.year) AS first_year, max(f.year) AS latest_year,
       list_sort(list_distinct(list(f.year)))::VARCHAR AS years,
       count(*) FILTER (f.hr_method = 'reported') AS n_reported, count(*) FILTER (f.hr_method = 'apportioned') AS n_apportioned,
       count(*) FILTER (f.hr_method = 'text_inferred') AS n_text_inferred, count(*) FILTER (f.hr_method = 'expert') AS n_expert,
       count(*) FILTER (f.confidence = 'low') AS n_low_confidence, words(list(f.flags)) AS flags, words(list(DISTINCT f.origin)) AS origin, max(s.cutoff) AS cutoff
FROM flows f LEFT JOIN sources s ON s.source = f.source
WHERE f.country = $country::VARCHAR
GROUP BY f.source ORDER BY n_counted DESC, f.source;
