-- changes: what differs between two releases: one row per cell of counted money (spending), of published values (best_observations) and of verdicts (gaps) that is not the same in both, with the likely cause.
-- @question 22
-- @param country  text: only this country (alpha-3)
-- @param year  int: only this year
-- @column country  ISO 3166-1 alpha-3, or an area id; null for money of several countries.
-- @column year  Year of the cell; null for a grant cycle.
-- @column cell  Table, and what the row is of: kind, financing entity, intervention, cycle; indicator; or commitment.
-- @column old  Value in the older release; null where it was not there.
-- @column new  Value in the newer release; null where it is gone.
-- @column unit  Nominal US dollars (USD), the price year of constant dollars, the unit of the indicator, or verdict.
-- @column cause  new_data, source_revision, withdrawn_by_source, mapping, correction, counting, rate, deflator or code: of several the words that occur.
-- @column rule  Rules of the newer release by which the money stands where it stands now, blank-separated.
WITH flows_both AS ( -- flows of both releases by identity, which no document and no time is part of
    SELECT a.country AS old_country, b.country AS new_country, a.flow_id AS old_id, b.flow_id AS new_id,
           a.disclosure_id AS old_statement, b.disclosure_id AS new_statement,
           a.year AS old_year, b.year AS new_year, a.year_basis AS old_basis, b.year_basis AS new_basis, a.cycle AS old_cycle, b.cycle AS new_cycle, a.kind AS old_kind, b.kind AS new_kind,
           a.funder AS old_funder, b.funder AS new_funder, a.intervention AS old_intervention, b.intervention AS new_intervention,
           a.usd AS old_usd, b.usd AS new_usd, a.usd_constant AS old_constant, b.usd_constant AS new_constant, a.counted AS old_counted, b.counted AS new_counted,
           a.hr_rule AS old_rule, b.hr_rule AS new_rule, coalesce(b.source, a.source) AS source, coalesce(b.activity_id, a.activity_id) AS activity_id
    FROM older.flows a FULL JOIN newer.flows b ON a.flow_id = b.flow_id
), versions AS (
    SELECT (SELECT max(version) FROM older.releases) IS DISTINCT FROM (SELECT max(version) FROM newer.releases) AS other_program
), known AS ( -- documents of both: what is new in a statement of a known document is our doing
    SELECT DISTINCT a.sha256 FROM older.documents a JOIN newer.documents b ON a.sha256 = b.sha256 AND a.source = b.source
), caused AS (
    SELECT f.*,
           CASE WHEN f.old_id IS NULL AND d.document_sha256 IN (SELECT sha256 FROM known) THEN CASE WHEN coalesce(f.new_rule, '') LIKE 'correction%' THEN 'correction' ELSE 'code' END
                WHEN f.old_id IS NULL AND EXISTS (SELECT 1 FROM older.flows x WHERE x.source = f.source AND x.activity_id = f.activity_id AND x.kind = f.new_kind AND x.year IS NOT DISTINCT FROM f.new_year) THEN 'source_revision'
                WHEN f.old_id IS NULL THEN 'new_data'
                WHEN f.new_id IS NULL AND o.document_sha256 IN (SELECT sha256 FROM known) THEN 'code'
                WHEN f.new_id IS NULL AND EXISTS (SELECT 1 FROM newer.flows x WHERE x.source = f.source AND x.activity_id = f.activity_id AND x.kind = f.old_kind AND x.year IS NOT DISTINCT FROM f.old_year) THEN 'source_revision'
                WHEN f.new_id IS NULL THEN 'withdrawn_by_source'
                WHEN f.old_intervention IS DISTINCT FROM f.new_intervention OR f.old_country IS DISTINCT FROM f.new_country OR f.old_funder IS DISTINCT FROM f.new_funder OR f.old_year IS DISTINCT FROM f.new_year
                    THEN CASE WHEN coalesce(f.new_rule, '') LIKE 'correction%' THEN 'correction' ELSE 'mapping' END
                WHEN f.old_counted <> f.new_counted THEN 'counting'
                WHEN f.old_usd IS DISTINCT FROM f.new_usd THEN 'rate'
                WHEN f.old_constant IS DISTINCT FROM f.new_constant THEN 'deflator' END AS cause
    FROM flows_both f
    LEFT JOIN newer.disclosures d ON f.old_id IS NULL AND d.disclosure_id = f.new_statement
    LEFT JOIN older.disclosures o ON f.new_id IS NULL AND o.disclosure_id = f.old_statement
), sides AS ( -- each flow that changed, in the cell it left and in the cell it came to
    SELECT old_country AS country, old_year AS year, old_basis AS year_basis, old_cycle AS cycle, old_kind AS kind, old_funder AS funder, old_intervention AS intervention, cause, NULL::VARCHAR AS rule FROM caused WHERE cause IS NOT NULL AND old_counted
    UNION ALL
    SELECT new_country, new_year, new_basis, new_cycle, new_kind, new_funder, new_intervention, cause, new_rule FROM caused WHERE cause IS NOT NULL AND new_counted
), causes_of AS (
    SELECT country, year, year_basis, cycle, kind, funder, intervention, words(list(DISTINCT cause)) AS cause, words(list(DISTINCT rule)) AS rule FROM sides GROUP BY ALL
), old_money AS (
    SELECT country, year, year_basis, cycle, kind, funder, intervention, sum(usd)::DECIMAL(38,6) AS usd, CASE WHEN count(usd_constant) = count(*) THEN sum(usd_constant)::DECIMAL(38,6) END AS usd_constant, words(list(sources)) AS sources FROM older.spending GROUP BY ALL
), new_money AS (
    SELECT country, year, year_basis, cycle, kind, funder, intervention, sum(usd)::DECIMAL(38,6) AS usd, CASE WHEN count(usd_constant) = count(*) THEN sum(usd_constant)::DECIMAL(38,6) END AS usd_constant, words(list(sources)) AS sources FROM newer.spending GROUP BY ALL
), money AS (
    SELECT coalesce(a.country, b.country) AS country, coalesce(a.year, b.year) AS year, coalesce(a.year_basis, b.year_basis) AS year_basis, coalesce(a.cycle, b.cycle) AS cycle, coalesce(a.kind, b.kind) AS kind, coalesce(a.funder, b.funder) AS funder,
           coalesce(a.intervention, b.intervention) AS intervention, a.usd AS old_usd, b.usd AS new_usd, a.usd_constant AS old_constant, b.usd_constant AS new_constant, words([a.sources, b.sources]) AS sources
    FROM old_money a FULL JOIN new_money b ON a.country IS NOT DISTINCT FROM b.country AND a.year IS NOT DISTINCT FROM b.year AND a.year_basis IS NOT DISTINCT FROM b.year_basis AND a.cycle IS NOT DISTINCT FROM b.cycle AND a.kind = b.kind
         AND a.funder IS NOT DISTINCT FROM b.funder AND a.intervention IS NOT DISTINCT FROM b.intervention
    WHERE a.usd IS DISTINCT FROM b.usd OR a.usd_constant IS DISTINCT FROM b.usd_constant
), money_rows AS (
    SELECT m.country, m.year, concat_ws(' · ', 'spending', m.kind, m.funder, m.intervention, m.cycle, nullif(m.year_basis, 'calendar')) AS cell, m.old_usd::VARCHAR AS old, m.new_usd::VARCHAR AS new, 'USD' AS unit,
           c.cause, c.rule, m.sources
    FROM money m LEFT JOIN causes_of c ON c.country IS NOT DISTINCT FROM m.country AND c.year IS NOT DISTINCT FROM m.year AND c.year_basis IS NOT DISTINCT FROM m.year_basis AND c.cycle IS NOT DISTINCT FROM m.cycle AND c.kind = m.kind
         AND c.funder IS NOT DISTINCT FROM m.funder AND c.intervention IS NOT DISTINCT FROM m.intervention
    WHERE m.old_usd IS DISTINCT FROM m.new_usd
    UNION ALL
    SELECT m.country, m.year, concat_ws(' · ', 'spending, constant', m.kind, m.funder, m.intervention, m.cycle, nullif(m.year_basis, 'calendar')), m.old_constant::VARCHAR, m.new_constant::VARCHAR,
           'USD of ' || (SELECT max(price_year) FROM newer.flows), 'deflator', NULL, m.sources
    FROM money m WHERE m.old_usd IS NOT DISTINCT FROM m.new_usd AND m.old_constant IS DISTINCT FROM m.new_constant
), value_rows AS (
    SELECT coalesce(a.area, b.area) AS country, coalesce(a.year, b.year) AS year, 'value · ' || coalesce(a.indicator, b.indicator) AS cell, coalesce(a.value::VARCHAR, a.value_text) AS old, coalesce(b.value::VARCHAR, b.value_text) AS new,
           coalesce(b.unit, a.unit) AS unit, CASE WHEN a.area IS NULL THEN 'new_data' WHEN b.area IS NULL THEN 'withdrawn_by_source' WHEN a.source <> b.source THEN 'new_data' ELSE 'source_revision' END AS cause, NULL::VARCHAR AS rule, words([a.source, b.source]) AS sources
    FROM (SELECT * FROM older.best_observations WHERE source NOT IN (SELECT source FROM older.sources WHERE kind = 'reference')) a
    FULL JOIN (SELECT * FROM newer.best_observations WHERE source NOT IN (SELECT source FROM newer.sources WHERE kind = 'reference')) b ON a.area = b.area AND a.indicator = b.indicator AND a.year IS NOT DISTINCT FROM b.year
    WHERE a.value IS DISTINCT FROM b.value OR a.value_text IS DISTINCT FROM b.value_text
), verdict_rows AS (
    SELECT coalesce(a.area, b.area) AS country, coalesce(a.year, b.year) AS year, concat_ws(' · ', 'verdict', coalesce(a.commitment, b.commitment), coalesce(a.measure, b.measure)) AS cell, a.verdict AS old, b.verdict AS new, 'verdict' AS unit,
           CASE WHEN (SELECT other_program FROM versions) THEN 'code' ELSE 'new_data' END AS cause, b.reason AS rule, NULL::VARCHAR AS sources
    FROM older.gaps a FULL JOIN newer.gaps b ON a.commitment = b.commitment AND a.area = b.area AND a.year IS NOT DISTINCT FROM b.year AND a.measure = b.measure AND a.definition IS NOT DISTINCT FROM b.definition AND a.price_basis IS NOT DISTINCT FROM b.price_basis
    WHERE a.verdict IS DISTINCT FROM b.verdict AND ('met' IN (a.verdict, b.verdict) OR 'not_met' IN (a.verdict, b.verdict)) -- a refusal that comes or goes follows from the rows above
), found AS (
    SELECT * FROM (FROM money_rows UNION ALL BY NAME FROM value_rows UNION ALL BY NAME FROM verdict_rows)
    WHERE ($country::VARCHAR IS NULL OR country = $country::VARCHAR) AND ($year::INTEGER IS NULL OR year = $year::INTEGER)
)
SELECT country, year, cell, old, new, unit, coalesce(cause, 'code') AS cause, rule,
       n_words(sources) AS n_sources, CASE WHEN new IS NULL THEN 'not_reported' ELSE 'reported' END AS status, 'cells of two releases' AS method, NULL::VARCHAR AS confidence,
       old IS NOT NULL AND new IS NOT NULL AS comparable, 'changed' AS reason, (SELECT any_value(en) FROM newer.reasons WHERE reason = 'changed') AS reason_en, (SELECT max(release) FROM newer.releases) AS release_id, sources AS source_ids
FROM found
ORDER BY country NULLS LAST, year, cell;
