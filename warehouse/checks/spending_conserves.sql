-- spending_conserves: a kind of money whose counted flows and the mart spending differ, in US dollars or in number.
-- @severity fail
SELECT f.kind, f.usd AS flows, s.usd AS spending, f.n AS n_flows, s.n AS n_spending
FROM (SELECT kind, sum(usd) AS usd, count(*) AS n FROM flows WHERE counted GROUP BY kind) f
FULL JOIN (SELECT kind, sum(usd) AS usd, sum(n_flows) AS n FROM spending GROUP BY kind) s ON s.kind = f.kind
WHERE f.usd IS DISTINCT FROM s.usd OR f.n IS DISTINCT FROM s.n
ORDER BY ALL;
