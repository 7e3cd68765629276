-- country_documents: the documents behind a country's figures.
-- @param country  text, required: country (alpha-3)
SELECT x.n_flows, x.n_observations, d.source, s.title AS source_title, s.publisher, s.home AS source_url, s.frozen, s.cutoff,
       d.role, d.name, d.url, d.sha256, d.retrieved, d.origin, coalesce(d.licence, s.licence) AS licence, d.compiled, d.cites
FROM country_documents x
JOIN documents d ON d.sha256 = x.document_sha256
LEFT JOIN sources s ON s.source = d.source
WHERE x.country = $country::VARCHAR
ORDER BY d.source, d.url, d.sha256;
