-- activities: one row per country, activity, financing entity, cycle, intervention and kind of counted money, with the first and last day published: what ends when.
-- @column country  ISO 3166-1 alpha-3; null when regional, several or unknown.
-- @column countries  All countries named, blank-separated.
-- @column activity_id  Publisher's identifier.
-- @column title  Title as published; withheld where implementers are.
-- @column funder  Financing entity.
-- @column funder_type  domestic_public, bilateral, multilateral, philanthropic, private, unknown.
-- @column cycle  Grant cycle as published.
-- @column intervention  What the money buys.
-- @column kind  Kind of money. Kinds are never added together.
-- @column first_day  First day of the periods published; null when none was.
-- @column last_day  Last day of the periods published; null when none was.
-- @column starts  First day of the activity or grant as its publisher gives it, in any source that holds it; null when none is given.
-- @column ends  Last day of it, likewise.
-- @column usd  Nominal US dollars over all years; null when no flow has a rate.
-- @column n_flows  Flows.
-- @column n_without_usd  Flows without US dollars.
-- @column source  Source id.
-- @column origin  live, given, bundled.
CREATE TABLE activities AS
WITH dates AS ( -- one grant is several activities: the fund's own and its IATI's, of which only one counts
    SELECT grant_key(activity_id) AS grant_id, min(activity_start) AS starts, max(activity_end) AS ends
    FROM flows WHERE activity_id IS NOT NULL AND (activity_start IS NOT NULL OR activity_end IS NOT NULL)
    GROUP BY ALL
), parts AS (
    SELECT country, countries, activity_id, title, funder, funder_type, cycle, intervention, kind, source, origin,
           min(period_start) AS first_day, max(period_end) AS last_day, sum(usd) AS usd, count(*) AS n_flows, count(usd) AS n_usd
    FROM flows
    WHERE counted AND activity_id IS NOT NULL AND NOT has_word(flags, 'country_reported') -- a year of a report is no project
    GROUP BY ALL
)
SELECT country, words(list(countries)) AS countries, activity_id, min(title) AS title, funder, funder_type, cycle, intervention, kind,
       min(first_day) AS first_day, max(last_day) AS last_day, min(d.starts) AS starts, max(d.ends) AS ends,
       sum(usd)::DECIMAL(38,6) AS usd, sum(n_flows)::BIGINT AS n_flows, (sum(n_flows) - sum(n_usd))::BIGINT AS n_without_usd, source,
       words(list(origin)) AS origin
FROM parts p LEFT JOIN dates d ON d.grant_id = grant_key(p.activity_id)
GROUP BY country, activity_id, funder, funder_type, cycle, intervention, kind, source;
