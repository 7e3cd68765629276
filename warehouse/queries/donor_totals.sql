-- donor_totals: what a donor gave for harm reduction: directly by year, and its share of the Global Fund's harm reduction budgets by replenishment. The two are different kinds of money and are not added: total is the direct money alone, the imputed share is an estimate beside it.
-- @question 13
-- @param donor  text: only this donor: the name of a financing entity, or a country (alpha-3) for its government
-- @param year  int: only this year; leaves out imputed rows, which are of several years
-- @param definition  text of core-3|comprehensive-9|who-2022|hri|broad: definition of harm reduction, hri when left out
-- @column donor  Financing entity; agencies of one government together.
-- @column donor_id  The same as flows.funder_group names it.
-- @column year  Year in year_basis; null for an imputed row.
-- @column year_basis  calendar or us_fiscal.
-- @column cycle  Grant cycle of an imputed row.
-- @column definition  Definition of harm reduction.
-- @column measure  Of direct: spent, disbursed, budgeted as the donor's sources give it (kind of flow).
-- @column direct  Money to countries, regions and worldwide that the donor itself states, donor view, nominal US dollars.
-- @column imputed_multilateral  The donor's share of the total announced at the pledging conference (later pledges raise the total and lower the share) times the fund's harm reduction budgets of the cycle it pays for.
-- @column total  direct; null for an imputed row: pledges, budgets and spending are not added.
-- @column n_without_usd  Flows without US dollars, not in direct.
-- @trace donor_flows definition=definition, donor_id=donor_id, year=year, year_basis=year_basis, measure=kind -> direct=usd
WITH named AS (
    SELECT coalesce(funder_group, funder) AS id, min(funder) AS name FROM flows WHERE funder IS NOT NULL GROUP BY 1
), direct AS ( -- kinds apart; where a source's disbursements and expenditure are both spending, each is a row
    SELECT donor_id AS id, year, year_basis, kind, sum(usd)::DECIMAL(38,6) AS usd, count(*) - count(usd) AS n_without_usd,
           words(list(source)) AS source_ids, words(list(hr_method)) AS hr_methods, least_sure(list(confidence)) AS confidence, one_status(list(status)) AS status
    FROM donor_flows
    WHERE definition = coalesce($definition::VARCHAR, 'hri')
    GROUP BY donor_id, year, year_basis, kind
), budgets AS (
    SELECT f.cycle, sum(f.usd)::DECIMAL(38,6) AS usd, words(list(f.source)) AS source_ids FROM flows f
    JOIN definitions d ON d.intervention = f.intervention AND d.definition = coalesce($definition::VARCHAR, 'hri')
    WHERE f.counted AND f.kind = 'budget' AND f.funder_group = '47045' AND regexp_matches(f.cycle, '^GC[0-9]+$') GROUP BY f.cycle
), shares AS (
    SELECT p.donor, c.iso3, 'GC' || p.replenishment AS cycle, -- a replenishment pays for the cycle of its number
           p.usd_million, t.usd_million AS all_million
    FROM pledges p
    JOIN (SELECT replenishment, max(usd_million) AS usd_million FROM pledges WHERE donor_kind = 'total' GROUP BY replenishment) t ON t.replenishment = p.replenishment
    LEFT JOIN countries c ON strip_accents(p.donor) = strip_accents(c.name_en) OR list_contains(string_split(c.aliases, '|'), split_part(p.donor, ',', 1))
    WHERE p.donor_kind <> 'total'
), rows_of AS (
    SELECT n.name AS donor, d.id, d.year, d.year_basis, NULL::VARCHAR AS cycle, d.kind AS measure, d.usd AS direct, NULL::DECIMAL(38,6) AS imputed_multilateral, d.usd AS total, d.n_without_usd,
           d.source_ids, d.hr_methods AS method, d.confidence, d.status,
           CASE WHEN d.n_without_usd > 0 THEN 'some_without_usd' WHEN d.kind = 'budget' THEN 'budget_not_spending' WHEN d.id = '47045' AND d.kind = 'disbursement' THEN 'paid_out_not_spent' ELSE 'compared' END AS reason
    FROM direct d JOIN named n ON n.id = d.id
    UNION ALL BY NAME
    SELECT s.donor, s.iso3 AS id, s.cycle, scaled(b.usd, s.usd_million, s.all_million) AS imputed_multilateral,
           words(['pledges', b.source_ids]) AS source_ids, 'imputed: pledge of ' || s.usd_million || ' of ' || s.all_million || ' million USD x harm reduction budgets of ' || s.cycle || ' of ' || round(b.usd, 0)::DECIMAL(18,0) || ' USD' AS method,
           'low' AS confidence, CASE WHEN s.usd_million IS NULL THEN 'not_reported' ELSE 'imputed' END AS status, CASE WHEN s.usd_million IS NULL THEN 'pledge_without_usd' ELSE 'imputed_from_pledges' END AS reason
    FROM shares s JOIN budgets b ON b.cycle = s.cycle WHERE $year::INTEGER IS NULL
), chosen AS (
    SELECT * FROM rows_of
    WHERE ($donor::VARCHAR IS NULL OR lower(donor) = lower($donor::VARCHAR) OR id = $donor::VARCHAR OR id IN (SELECT funder_group FROM flows WHERE lower(funder) = lower($donor::VARCHAR))
           OR id IN (SELECT iso3 FROM countries WHERE lower(name_en) = lower($donor::VARCHAR) OR list_contains(string_split(aliases, '|'), $donor::VARCHAR))) AND ($year::INTEGER IS NULL OR year = $year::INTEGER)
)
SELECT donor, id AS donor_id, year, year_basis, cycle, coalesce($definition::VARCHAR, 'hri') AS definition, measure, direct, imputed_multilateral, total, n_without_usd,
       n_words(source_ids) AS n_sources, status, method, confidence, reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM chosen
UNION ALL
SELECT $donor::VARCHAR, NULL, $year::INTEGER, NULL, NULL, coalesce($definition::VARCHAR, 'hri'), NULL, NULL, NULL, NULL, NULL, 0, 'not_reported', NULL, NULL, false, 'no_money_known', reason_en('no_money_known'), (SELECT max(release) FROM releases), NULL
WHERE NOT EXISTS (SELECT 1 FROM chosen)
ORDER BY donor, year NULLS LAST, year_basis, cycle, measure, donor_id;
