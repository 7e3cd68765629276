-- Per grant and cycle, the statements read add up to the rows of the file, whatever became of them. Grants whose names are withheld are left out here and are in global_fund_total.
WITH file AS (
    SELECT ImplementationPeriodName AS grant_id, sum("Total Amount"::DECIMAL(38,6)) AS amount, count(*) AS n
    FROM read_csv('{corpus}/global-fund/budgets/*.csv', all_varchar = true, header = true) GROUP BY 1
), read AS (
    SELECT activity_id AS grant_id, sum(amount_published)::DECIMAL(38,6) AS amount, count(*) AS n FROM disclosures WHERE source = 'globalfund' AND activity_id IS NOT NULL GROUP BY 1
)
SELECT count(*), count(*) FILTER (abs(f.amount - r.amount) > 0.000001 * f.n OR f.n <> r.n OR f.grant_id IS NULL), min(r.grant_id) FILTER (abs(f.amount - r.amount) > 0.000001 * f.n OR f.n <> r.n OR f.grant_id IS NULL)
FROM read r LEFT JOIN file f ON f.grant_id = r.grant_id
