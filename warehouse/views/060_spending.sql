-- spending: counted flows (recipient view: what reached the country, once) summed. Kinds are never added together; rows without a year stand apart.
-- @column country  ISO 3166-1 alpha-3; null when regional, several or unknown.
-- @column year  Year in year_basis; null for grant cycles and for statements without a period, which are multi-year and never annual.
-- @column year_basis  calendar, us_fiscal, ...
-- @column cycle  Grant cycle as published.
-- @column kind  Kind of money. Kinds are never added together.
-- @column funder  Financing entity.
-- @column funder_type  domestic_public, bilateral, multilateral, philanthropic, private, unknown.
-- @column channel  Intermediary between funder and implementer.
-- @column intervention  What the money buys (interventions).
-- @column usd  Sum in nominal US dollars of the flows that have a rate; null when none has.
-- @column usd_constant  Sum in constant US dollars of the release's base year; null unless every flow of the row has it.
-- @column amount  Sum in the original currency; null when the row holds several currencies.
-- @column currency  ISO 4217 of amount.
-- @column n_flows  Flows in the row.
-- @column n_without_usd  Flows without US dollars: they are in amount and not in usd.
-- @column hr_methods  How interventions were decided: reported, apportioned, text_inferred, expert, none.
-- @column confidence  Confidence levels that occur.
-- @column flags  Marks that occur, blank-separated.
-- @column sources  Sources, blank-separated.
-- @column origin  live, given, bundled: the origins that occur.
CREATE TABLE spending AS
WITH parts AS ( -- words are collected over few rows: collecting them per flow takes ten times as long
    SELECT country, year, year_basis, cycle, kind, funder, funder_type, channel, intervention,
           currency, hr_method, confidence, flags, source, origin,
           sum(usd) AS usd, sum(usd_constant) AS usd_constant, sum(amount) AS amount,
           count(*) AS n_flows, count(usd) AS n_usd, count(usd_constant) AS n_constant
    FROM flows
    WHERE counted
    GROUP BY ALL
)
SELECT country, year, year_basis, cycle, kind, funder, funder_type, channel, intervention,
       sum(usd)::DECIMAL(38,6) AS usd,
       CASE WHEN sum(n_constant) = sum(n_flows) THEN sum(usd_constant)::DECIMAL(38,6) END AS usd_constant,
       CASE WHEN min(currency) = max(currency) THEN sum(amount)::DECIMAL(38,6) END AS amount,
       CASE WHEN min(currency) = max(currency) THEN min(currency) END AS currency,
       sum(n_flows)::BIGINT AS n_flows,
       (sum(n_flows) - sum(n_usd))::BIGINT AS n_without_usd,
       words(list(hr_method)) AS hr_methods,
       words(list(confidence)) AS confidence,
       words(list(flags)) AS flags,
       words(list(source)) AS sources,
       words(list(origin)) AS origin
FROM parts
GROUP BY country, year, year_basis, cycle, kind, funder, funder_type, channel, intervention;
