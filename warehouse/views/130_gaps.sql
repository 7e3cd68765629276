-- gaps: every promise against what is known, one row per commitment, area, year, definition, measure and price basis. Every commitment answers for every area it applies to: with a comparison, or with the reason why there is none. What is not comparable is refused and not computed. A value from before the year of adoption tells of the time before the promise: the newest of them is compared as long as no later one is known, older ones are shown and not compared (reason before_adoption). "No data" is not a failure, guidance is not a promise (commitments.force).
-- @column commitment  Commitment id (commitments).
-- @column area  Country (alpha-3), area id, or the word of commitments.bound.
-- @column year  Year of the value; the target year where there is no value; null for a promise without year and without data.
-- @column definition  Definition of harm reduction or 'hiv' where money is summed; null for coverage.
-- @column measure  What is compared (measures), or the published series it is compared with.
-- @column price_basis  Prices both sides are in, for money; as stated by the commitment where nothing is compared.
-- @column actual  The value; null when there is none or when it may not be compared. Values from before adoption are kept.
-- @column actual_low  Lower bound as published.
-- @column actual_high  Upper bound as published.
-- @column required  The threshold, in the unit of actual.
-- @column gap  How far actual is from required; negative when it is beyond.
-- @column gap_low  Smallest gap within the published range.
-- @column gap_high  Largest gap within the published range.
-- @column funded_pct  actual in per cent of required, four decimals; for money only.
-- @column unit  Unit of actual and required.
-- @column verdict  met, not_met, no_data, not_applicable, not_comparable, no_number, not_available_by_law.
-- @column reason  Reason code (reasons).
-- @column reason_en  The reason in words, with numbers.
-- @column method  How the value came about.
-- @column n_sources  Sources that publish the value.
-- @column coverage  Share of the countries bound that reported, for sums over an area.
-- @column latest  Whether it is the newest year with a value; without any value, the target year or else the newest.
-- @column url  Address of the value.
-- @column origin  live, given or bundled.
CREATE TABLE gaps AS
WITH k AS (
    SELECT c.*, coalesce(m.source_table, 'none') AS source_table, m.indicator, m.definition AS money_definition,
           coalesce(m.unit, replace(c.unit, 'USD bn', 'USD')) AS value_unit,
           (c.threshold::DECIMAL(38,6) * CASE WHEN c.unit LIKE 'USD bn%' THEN 1000000000 ELSE 1 END)::DECIMAL(38,6) AS required,
           coalesce(m.verdict, 'no_data') AS default_verdict,
           CASE WHEN m.measure IS NULL AND c.measure IS NOT NULL THEN 'no_rule' ELSE coalesce(m.reason, 'no_series') END AS default_reason,
           c.bound IN (SELECT iso3 FROM countries) AS binds_one,
           c.bound = 'ALL' AS binds_all,
           c.bound IN (SELECT area FROM area_members) AS binds_area,
           coalesce(c.computability, 'none') AS level,
           try_cast(left(c.adopted, 4) AS INTEGER) AS adopted_year,
           regexp_extract(coalesce(c.price_basis, ''), '((19|20)[0-9][0-9])', 1) AS price_year
    FROM commitments c LEFT JOIN measures m ON m.measure = c.measure
), applicable AS ( -- country x commitment, and whether the country is bound
    SELECT k.id, g.country, k.target_year,
           NOT k.binds_area OR EXISTS (
               FROM area_members a WHERE a.area = k.bound AND a.country = g.country AND in_area(a."from", a."to", k.target_year)) AS is_bound,
           NOT (k.binds_all OR k.binds_area OR k.binds_one) AS unknown_members
    FROM k, gap_countries g
    WHERE (k.level LIKE '%country%' OR k.level = 'none') AND NOT k.binds_one
    UNION ALL
    SELECT k.id, k.bound, k.target_year, true, false FROM k WHERE k.binds_one
), answers AS ( -- one row per commitment, country and year: its target year and the years with a value, or the latest value
    SELECT a.id, a.country, o.year
    FROM applicable a
    JOIN k ON k.id = a.id
    JOIN best_observations o ON k.source_table = 'observations' AND o.indicator = k.indicator AND o.area = a.country
    WHERE a.is_bound AND NOT a.unknown_members AND k.required IS NOT NULL AND o.value IS NOT NULL AND (a.target_year IS NOT NULL OR o.latest)
    UNION
    SELECT a.id, a.country, a.target_year
    FROM applicable a
    JOIN k ON k.id = a.id
    LEFT JOIN best_observations o ON k.source_table = 'observations' AND o.indicator = k.indicator AND o.area = a.country AND o.latest
    WHERE a.target_year IS NOT NULL OR NOT a.is_bound OR a.unknown_members OR k.required IS NULL OR o.indicator IS NULL
), country_rows AS (
    SELECT k.id AS commitment, w.country AS area, w.year, NULL::VARCHAR AS definition, coalesce(k.measure, 'none') AS measure, k.price_basis,
           CASE WHEN a.is_bound AND NOT a.unknown_members AND l.country IS NULL THEN o.value END AS value,
           CASE WHEN a.is_bound AND NOT a.unknown_members AND l.country IS NULL THEN o.low END AS low,
           CASE WHEN a.is_bound AND NOT a.unknown_members AND l.country IS NULL THEN o.high END AS high,
           k.required, k.comparator, k.value_unit AS unit,
           CASE WHEN NOT a.is_bound THEN 'not_applicable'
                WHEN k.required IS NULL THEN 'no_number'
                WHEN l.country IS NOT NULL THEN 'not_available_by_law'
                WHEN k.source_table = 'spending' THEN 'not_comparable'
                WHEN a.unknown_members THEN 'not_comparable'
                WHEN k.source_table = 'none' THEN k.default_verdict
                WHEN o.value IS NULL THEN 'no_data' END AS refusal,
           CASE WHEN NOT a.is_bound THEN 'not_bound'
                WHEN k.required IS NULL THEN 'no_number_recorded'
                WHEN l.country IS NOT NULL THEN 'law_forbids'
                WHEN k.source_table = 'spending' THEN 'global_not_split'
                WHEN a.unknown_members THEN 'members_unknown'
                WHEN k.source_table = 'none' THEN k.default_reason
                WHEN o.indicator IS NULL THEN 'no_observation'
                WHEN o.value IS NULL THEN 'not_published' END AS why,
           CASE WHEN l.country IS NOT NULL AND a.is_bound AND k.required IS NOT NULL THEN l.text_en
                WHEN o.value IS NULL AND o.value_text IS NOT NULL THEN 'Published as "' || o.value_text || '".' END AS detail,
           CASE WHEN o.value IS NOT NULL AND a.is_bound AND l.country IS NULL THEN 'value published by ' || o.source || ' for ' || o.year || ', ' || coalesce(o.unit, 'unit not stated') END AS method,
           CASE WHEN a.is_bound THEN o.n_sources END AS n_sources, NULL::DECIMAL(24,4) AS coverage,
           k.target_year, o.url, o.origin, false AS money
    FROM answers w
    JOIN applicable a ON a.id = w.id AND a.country = w.country
    JOIN k ON k.id = w.id
    LEFT JOIN best_observations o ON k.source_table = 'observations' AND o.indicator = k.indicator AND o.area = w.country AND o.year IS NOT DISTINCT FROM w.year
    LEFT JOIN laws l ON k.source_table = 'observations' AND l.country = w.country AND l.indicator = k.indicator AND in_area(l."from", l."to", w.year)
), area_years AS ( -- sums of counted money over an area: the target year and the years with any money
    SELECT k.id, k.target_year AS year FROM k WHERE k.level NOT LIKE '%country%' AND k.source_table = 'spending'
    UNION
    SELECT k.id, r.year FROM k JOIN area_reporting r ON r.area = k.bound AND r.definition = k.money_definition
    WHERE k.level NOT LIKE '%country%' AND k.source_table = 'spending' AND r.n_reporting > 0
), area_sums AS (
    SELECT y.id, y.year, r.usd, r.coverage, r.n_reporting, r.n_members, r.n_sources
    FROM area_years y
    JOIN k ON k.id = y.id
    LEFT JOIN area_reporting r ON r.area = k.bound AND r.definition = k.money_definition AND r.year = y.year
), area_rows AS (
    SELECT k.id AS commitment, coalesce(k.bound, 'ALL') AS area, s.year, k.money_definition AS definition, k.measure, k.price_basis,
           s.usd::DECIMAL(38,12) AS value, NULL::DECIMAL(38,12) AS low, NULL::DECIMAL(38,12) AS high,
           k.required, k.comparator, k.value_unit AS unit,
           CASE WHEN k.required IS NULL THEN 'no_number'
                WHEN s.coverage IS NULL OR s.coverage < 0.8 THEN 'not_comparable'
                WHEN k.price_year <> '' AND k.price_year <> s.year::VARCHAR THEN 'not_comparable'
                WHEN k.price_year = '' AND coalesce(k.price_basis, '') NOT LIKE 'nominal%' THEN 'not_comparable' END AS refusal,
           CASE WHEN k.required IS NULL THEN 'no_number_recorded'
                WHEN s.coverage IS NULL THEN 'members_unknown'
                WHEN s.coverage < 0.8 THEN 'coverage_too_low'
                WHEN k.price_year <> '' AND k.price_year <> s.year::VARCHAR THEN 'price_basis_differs'
                WHEN k.price_year = '' AND coalesce(k.price_basis, '') NOT LIKE 'nominal%' THEN 'price_basis_not_stated' END AS why,
           CASE WHEN s.n_members IS NOT NULL THEN 'Spending of ' || s.n_reporting || ' of ' || s.n_members || ' countries is in this release.' END AS detail,
           'best_available summed over the countries that report' AS method,
           s.n_sources, s.coverage, k.target_year, NULL::VARCHAR AS url, NULL::VARCHAR AS origin, true AS money
    FROM area_sums s JOIN k ON k.id = s.id
), published AS ( -- published totals of an area, in the prices of their own year
    SELECT k.id AS commitment, o.area, o.year, k.money_definition AS definition, k.indicator AS measure,
           CASE WHEN k.price_year = '' OR o.year < try_cast(k.price_year AS INTEGER) THEN k.price_basis ELSE 'USD of ' || o.year END AS price_basis,
           o.value, o.low, o.high,
           CASE WHEN k.price_year = '' OR o.year <= try_cast(k.price_year AS INTEGER) THEN k.required
                ELSE scaled(k.required, p.to_value, p.from_value) END AS required,
           k.comparator, k.value_unit AS unit,
           CASE WHEN k.required IS NULL THEN 'no_number'
                WHEN o.value IS NULL THEN 'no_data'
                WHEN k.price_year = '' THEN 'not_comparable'
                WHEN o.year < try_cast(k.price_year AS INTEGER) THEN 'not_comparable'
                WHEN k.price_year <> o.year::VARCHAR AND p.series IS NULL THEN 'not_comparable' END AS refusal,
           CASE WHEN k.required IS NULL THEN 'no_number_recorded'
                WHEN o.value IS NULL THEN 'not_published'
                WHEN k.price_year = '' THEN 'price_basis_not_stated'
                WHEN o.year < try_cast(k.price_year AS INTEGER) THEN 'need_is_later'
                WHEN k.price_year <> o.year::VARCHAR AND p.series IS NULL THEN 'price_basis_differs' END AS why,
           NULL::VARCHAR AS detail,
           'total published by ' || o.source || ' for ' || o.year
           || CASE WHEN k.price_year = '' OR o.year <= try_cast(k.price_year AS INTEGER) THEN '' ELSE '; need in ' || k.price_year || ' prices carried to ' || o.year || ': ' || p.series END AS method,
           o.n_sources, NULL::DECIMAL(24,4) AS coverage, k.target_year, o.url, o.origin, true AS money
    FROM k
    JOIN best_observations o ON o.indicator = k.indicator AND o.area = k.bound
    LEFT JOIN dollar_prices p ON p.from_year::VARCHAR = k.price_year AND p.to_year = o.year
    WHERE k.source_table = 'spending' AND k.indicator IS NOT NULL AND k.level NOT LIKE '%country%'
), other_rows AS ( -- promises of the world, of donors, and without a rule: one answer
    SELECT k.id AS commitment, coalesce(k.bound, 'ALL') AS area, k.target_year AS year, NULL::VARCHAR AS definition, coalesce(k.measure, 'none') AS measure, k.price_basis,
           NULL::DECIMAL(38,12) AS value, NULL::DECIMAL(38,12) AS low, NULL::DECIMAL(38,12) AS high,
           k.required, k.comparator, k.value_unit AS unit,
           CASE WHEN k.required IS NULL THEN 'no_number' ELSE k.default_verdict END AS refusal,
           CASE WHEN k.required IS NULL THEN 'no_number_recorded'
                WHEN k.source_table = 'none' AND k.default_reason <> 'no_series' THEN k.default_reason
                WHEN k.level = 'donor' THEN 'donor_data_missing' ELSE 'no_series' END AS why,
           NULL::VARCHAR AS detail, NULL::VARCHAR AS method, NULL::BIGINT AS n_sources, NULL::DECIMAL(24,4) AS coverage,
           k.target_year, NULL::VARCHAR AS url, NULL::VARCHAR AS origin, false AS money
    FROM k
    WHERE NOT k.binds_one AND NOT (k.source_table = 'spending' AND k.level NOT LIKE '%country%')
      AND (k.level NOT LIKE '%country%' OR k.required IS NULL)
), every AS (
    FROM country_rows UNION ALL BY NAME FROM area_rows UNION ALL BY NAME FROM published UNION ALL BY NAME FROM other_rows
), dated AS ( -- a value from before the promise; the newest answers as long as there is no later one
    SELECT e.*, e.refusal IS NULL AND e.year < k.adopted_year AS before,
           max(CASE WHEN e.refusal IS NULL THEN e.year END) OVER (PARTITION BY e.commitment, e.area, e.measure) AS newest
    FROM every e JOIN k ON k.id = e.commitment
), decided AS (
    SELECT * EXCLUDE (refusal),
           CASE WHEN before AND year < newest THEN 'not_comparable' ELSE refusal END AS refused,
           CASE WHEN refusal IS NULL THEN value END AS actual,
           CASE WHEN refusal IS NULL THEN low END AS actual_low,
           CASE WHEN refusal IS NULL THEN high END AS actual_high,
           coalesce(refused, CASE WHEN meets(value, comparator, required) THEN 'met' ELSE 'not_met' END) AS verdict,
           coalesce(why,
               CASE WHEN before THEN 'before_adoption'
                    WHEN low IS NOT NULL AND high IS NOT NULL AND meets(low, comparator, required) <> meets(high, comparator, required) THEN 'range_spans_threshold'
                    WHEN year < target_year THEN 'before_target_year' ELSE 'compared' END) AS reason
    FROM dated
)
SELECT d.commitment, d.area, d.year, d.definition, d.measure, d.price_basis,
       d.actual::DECIMAL(38,6) AS actual, d.actual_low::DECIMAL(38,6) AS actual_low, d.actual_high::DECIMAL(38,6) AS actual_high,
       d.required,
       CASE WHEN d.refused IS NULL THEN shortfall(d.actual, d.comparator, d.required) END::DECIMAL(38,6) AS gap,
       CASE WHEN d.refused IS NULL THEN least(shortfall(d.low, d.comparator, d.required), shortfall(d.high, d.comparator, d.required)) END::DECIMAL(38,6) AS gap_low,
       CASE WHEN d.refused IS NULL THEN greatest(shortfall(d.low, d.comparator, d.required), shortfall(d.high, d.comparator, d.required)) END::DECIMAL(38,6) AS gap_high,
       CASE WHEN d.money AND d.refused IS NULL THEN pct(d.actual, d.required) END AS funded_pct,
       d.unit, d.verdict, d.reason,
       concat_ws(' ', r.en, d.detail) AS reason_en,
       d.method, coalesce(d.n_sources, 0) AS n_sources, d.coverage,
       d.year IS NOT DISTINCT FROM coalesce(max(CASE WHEN d.actual IS NOT NULL THEN d.year END) OVER same,
           max(CASE WHEN d.year = d.target_year THEN d.year END) OVER same, max(d.year) OVER same) AS latest,
       d.url, d.origin
FROM decided d
LEFT JOIN reasons r ON r.reason = d.reason
WINDOW same AS (PARTITION BY d.commitment, d.area, d.measure);
