-- page_gap_filters: what the gaps of this release can be filtered by: one row per parameter of the question gaps and value that occurs.
SELECT 'kind' AS parameter, kind AS value FROM commitments WHERE kind IS NOT NULL
UNION SELECT 'force', "force" FROM commitments WHERE "force" IS NOT NULL
UNION SELECT 'bound', bound FROM commitments WHERE bound IS NOT NULL
UNION SELECT 'measure', measure FROM gaps WHERE measure IS NOT NULL
UNION SELECT 'definition', definition FROM gaps WHERE definition IS NOT NULL
UNION SELECT 'price_basis', price_basis FROM gaps WHERE price_basis IS NOT NULL
UNION SELECT 'area', area FROM gaps WHERE area IN (SELECT area FROM areas)
UNION SELECT 'area', area FROM area_members WHERE country IN (SELECT area FROM gaps)
ORDER BY parameter, value;
