-- area_flows: harm_reduction_flows by country and by every area a country belongs to in the year: the flows behind a sum over an area. One row per definition, flow and area; areas overlap and are never added.
-- @column area  Country (alpha-3) or area id (areas).
-- @column definition  core-3, comprehensive-9, who-2022, hri or broad (definitions).
-- @column flow_id  The flow (flows).
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar, us_fiscal, ...
-- @column funder  Financing entity.
-- @column intervention  What the money buys (interventions).
-- @column kind  Kind of money.
-- @column source  Source id.
-- @column usd  Nominal US dollars; null when no rate is known.
CREATE VIEW area_flows AS
SELECT country AS area, definition, flow_id, country, year, year_basis, funder, intervention, kind, source, usd FROM harm_reduction_flows
UNION ALL
SELECT m.area, f.definition, f.flow_id, f.country, f.year, f.year_basis, f.funder, f.intervention, f.kind, f.source, f.usd
FROM harm_reduction_flows f JOIN (SELECT DISTINCT area, country, "from", "to" FROM area_members) m ON m.country = f.country AND in_area(m."from", m."to", f.year);
