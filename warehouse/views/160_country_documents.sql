-- country_documents: which documents speak of a country, with how many counted flows and values.
-- @column country  ISO 3166-1 alpha-3.
-- @column document_sha256  Document (documents).
-- @column n_flows  Counted flows that stand in it.
-- @column n_observations  Published values other than money that stand in it.
CREATE TABLE country_documents AS
WITH f AS (
    SELECT f.country, d.document_sha256, count(*) AS n
    FROM flows f JOIN disclosures d ON d.disclosure_id = f.disclosure_id
    WHERE f.counted AND f.country IS NOT NULL GROUP BY f.country, d.document_sha256
), o AS (
    SELECT area AS country, document_sha256, count(*) AS n
    FROM observations WHERE area IN (SELECT iso3 FROM countries) GROUP BY area, document_sha256
)
SELECT coalesce(f.country, o.country) AS country, coalesce(f.document_sha256, o.document_sha256) AS document_sha256,
       coalesce(f.n, 0) AS n_flows, coalesce(o.n, 0) AS n_observations
FROM f FULL JOIN o ON o.country = f.country AND o.document_sha256 = f.document_sha256;
