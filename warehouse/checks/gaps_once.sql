-- gaps_once: a commitment that answers twice for one area, year, definition, measure and price basis.
-- @severity fail
SELECT commitment, area, year, definition, measure, price_basis, count(*) AS n FROM gaps GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL;
