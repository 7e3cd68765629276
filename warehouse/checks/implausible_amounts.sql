-- implausible_amounts: an annual sum of a country above 100 billion US dollars: a unit or a currency is wrong.
-- @severity warn
SELECT country, year, kind, funder, intervention, usd, sources FROM spending WHERE abs(usd) > 100000000000 ORDER BY ALL;
