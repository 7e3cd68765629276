-- community_led: the share of money that community-led organisations implement, beside the levels states committed to in 2021: 30 per cent of testing and treatment, 80 of prevention for key populations, 60 of programmes for enablers. A share is made only where a source says of every flow who implements it; silence is not "not community-led".
-- @question 15
-- @param country  text: only this country (alpha-3)
-- @param area  text: only countries of this area
-- @param year  int: only this year
-- @column country  ISO 3166-1 alpha-3.
-- @column year  Year in year_basis.
-- @column year_basis  calendar or us_fiscal.
-- @column intervention_group  Group of interventions.
-- @column community_led_usd  Money that community-led organisations implement, as far as it is stated, nominal US dollars.
-- @column stated_usd  Money of which a source says whether they do.
-- @column total_usd  All money of the row.
-- @column share  community_led_usd in per cent of total_usd; null unless stated_usd is all of it.
-- @column commitment  The promise the level stands in.
-- @column commitment_target  Level in per cent.
-- @column distance  commitment_target - share.
-- @column definition_used  Whose definition of community-led.
-- @trace best_flows country=country, year=year, year_basis=year_basis, intervention_group=intervention_group -> total_usd=usd
WITH asked AS (
    FROM asked($country::VARCHAR, $area::VARCHAR)
), money AS (
    SELECT f.country, f.year, f.year_basis, g.intervention_group, sum(f.usd)::DECIMAL(38,6) AS total_usd, sum(f.usd) FILTER (f.community_led)::DECIMAL(38,6) AS community_led_usd,
           sum(f.usd) FILTER (f.community_led IS NOT NULL)::DECIMAL(38,6) AS stated_usd, count(*) - count(f.usd) AS n_without_usd, words(list(DISTINCT f.measure)) AS measures, words(list(DISTINCT f.source)) AS source_ids, one_status(list(DISTINCT x.status)) AS status
    FROM best_flows f JOIN flows x ON x.flow_id = f.flow_id JOIN asked a ON a.country = f.country JOIN intervention_groups g ON g.intervention = f.intervention
    WHERE g.intervention_group IN ('harm_reduction', 'treatment', 'enablers') AND ($year::INTEGER IS NULL OR f.year = $year::INTEGER)
    GROUP BY f.country, f.year, f.year_basis, g.intervention_group
), rows_of AS (
    SELECT a.country AS asked_country, m.*, c.id AS commitment, c.threshold,
           CASE WHEN m.country IS NULL THEN 'no_money_known' WHEN m.stated_usd IS NULL THEN 'implementers_not_stated' WHEN m.n_without_usd > 0 THEN 'some_without_usd'
                WHEN m.stated_usd < m.total_usd THEN 'implementers_partly_stated' ELSE money_reason(m.measures, 0) END AS reason
    FROM asked a LEFT JOIN money m ON m.country = a.country
    LEFT JOIN commitments c ON c.id = CASE m.intervention_group WHEN 'harm_reduction' THEN 'PD2021-COMM80' WHEN 'treatment' THEN 'PD2021-COMM30' WHEN 'enablers' THEN 'PD2021-COMM60' END
)
SELECT asked_country AS country, year, year_basis, intervention_group, community_led_usd, stated_usd, total_usd,
       CASE WHEN stated_usd = total_usd AND n_without_usd = 0 THEN pct(coalesce(community_led_usd, 0), total_usd) END AS share, commitment, threshold::DECIMAL(38,4) AS commitment_target,
       CASE WHEN stated_usd = total_usd AND n_without_usd = 0 THEN (threshold - pct(coalesce(community_led_usd, 0), total_usd))::DECIMAL(38,4) END AS distance,
       CASE WHEN stated_usd IS NOT NULL THEN 'as each source states it (community_led)' END AS definition_used,
       n_words(source_ids) AS n_sources, coalesce(status, 'not_reported') AS status, measures AS method, CASE WHEN country IS NOT NULL THEN 'low' END AS confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, source_ids
FROM rows_of
ORDER BY asked_country, year, year_basis, intervention_group;
