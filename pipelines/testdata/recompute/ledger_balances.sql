-- Per source, kind and currency: what counts and what the ledger holds are what there is.
SELECT count(*), count(*) FILTER (gross <> counted + excluded), min(source || ' ' || kind || ' ' || currency) FILTER (gross <> counted + excluded)
FROM (SELECT f.source, f.kind, f.currency, sum(f.amount) AS gross, coalesce(sum(f.amount) FILTER (f.counted), 0) AS counted,
             coalesce((SELECT sum(e.amount) FROM excluded e WHERE e.source = f.source AND e.kind = f.kind AND e.currency = f.currency), 0) AS excluded
      FROM flows f GROUP BY f.source, f.kind, f.currency)
