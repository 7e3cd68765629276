-- The flows of every loaded statement add up to what was published, to the last digit.
SELECT count(*), count(*) FILTER (d.amount_published <> f.amount OR f.amount IS NULL), min(d.disclosure_id) FILTER (d.amount_published <> f.amount OR f.amount IS NULL)
FROM disclosures d LEFT JOIN (SELECT disclosure_id, sum(amount)::DECIMAL(38,6) AS amount FROM flows GROUP BY 1) f ON f.disclosure_id = d.disclosure_id
WHERE d.outcome = 'loaded'
