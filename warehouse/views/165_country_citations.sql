-- country_citations: the addresses to cite for what is known of a country: where the statements and values themselves give one.
-- @column country  ISO 3166-1 alpha-3.
-- @column source  Source id (sources).
-- @column url  Address.
-- @column n  Counted flows and published values that cite it.
CREATE TABLE country_citations AS
SELECT country, source, url, count(*) AS n
FROM (
    SELECT f.country, f.source, d.url
    FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id
    WHERE f.counted AND f.country IS NOT NULL AND d.url IS NOT NULL
    UNION ALL
    SELECT area, source, url FROM best_observations
    WHERE url IS NOT NULL AND source NOT IN (SELECT source FROM sources WHERE kind = 'reference') AND area IN (SELECT iso3 FROM countries)
)
GROUP BY country, source, url;
