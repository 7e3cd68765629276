-- kinds: flows by source, kind and currency: gross, counted and excluded, which add up to the cent. Kinds are never added together.
SELECT source, kind, currency, count(*) AS n_flows, sum(amount)::DECIMAL(38,6) AS gross,
       sum(amount) FILTER (counted)::DECIMAL(38,6) AS counted, sum(amount) FILTER (NOT counted)::DECIMAL(38,6) AS excluded
FROM flows GROUP BY source, kind, currency ORDER BY source, kind, currency;
