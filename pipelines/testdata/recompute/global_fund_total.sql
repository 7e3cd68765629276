-- All rows of the file together, withheld ones included.
SELECT f.n, CASE WHEN f.n = d.n AND abs(f.amount - d.amount) <= 0.000001 * f.n THEN 0 ELSE 1 END, f.amount || ' in the file, ' || d.amount || ' read'
FROM (SELECT count(*) AS n, sum("Total Amount"::DECIMAL(38,6)) AS amount FROM read_csv('{corpus}/global-fund/budgets/*.csv', all_varchar = true, header = true)) f,
     (SELECT count(*) AS n, sum(amount_published)::DECIMAL(38,6) AS amount FROM disclosures WHERE source = 'globalfund') d
