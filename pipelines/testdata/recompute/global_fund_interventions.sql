-- Per rule of the crosswalk that names module and intervention, the flows made by it add up to the rows of the file it names.
WITH rules AS (
    SELECT rule_id, lower(split_part(code, '|', 2)) AS module, lower(split_part(code, '|', 3)) AS intervention
    FROM read_csv('{module}/transforms/vocab/crosswalk.csv', all_varchar = true, header = true)
    WHERE scheme = 'globalfund' AND code LIKE 'GC7|%|%'
), file AS (
    SELECT r.rule_id, sum(f."Total Amount"::DECIMAL(38,6)) AS amount, count(*) AS n
    FROM read_csv('{corpus}/global-fund/budgets/*.csv', all_varchar = true, header = true) f
    JOIN rules r ON r.module = lower(f.Module) AND r.intervention = lower(f.Intervention)
    WHERE f.Source = 'GC7' GROUP BY 1
), made AS (
    SELECT hr_rule AS rule_id, sum(amount)::DECIMAL(38,6) AS amount FROM flows WHERE source = 'globalfund' AND cycle = 'GC7' GROUP BY 1
)
SELECT count(*), count(*) FILTER (m.amount IS NULL OR abs(f.amount - m.amount) > 0.000001 * f.n), min(f.rule_id) FILTER (m.amount IS NULL OR abs(f.amount - m.amount) > 0.000001 * f.n)
FROM file f LEFT JOIN made m ON m.rule_id = f.rule_id
