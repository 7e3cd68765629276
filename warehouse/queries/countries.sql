-- countries: one row per country with anything in this release or in Eastern Europe and Central Asia.
-- @param eeca  bool: only the countries of Eastern Europe and Central Asia
-- @param country  text: only this country (alpha-3)
SELECT o.*, b.cycle AS latest_hr_cycle, c.iso2, c.name_ru_in, c.name_ru_of
FROM country_overview o JOIN countries c ON c.iso3 = o.country
LEFT JOIN ( -- the newest grant cycle with a harm reduction budget; the fund's Covid money is no cycle
    SELECT s.country, arg_max(s.cycle, CASE WHEN regexp_matches(s.cycle, '^GC[0-9]+$') THEN 100000 + substr(s.cycle, 3)::INTEGER -- GC10 comes after GC7, and both after the rounds
                                   ELSE coalesce(try_cast(regexp_extract(s.cycle, '[0-9]+') AS INTEGER), 0) END) AS cycle FROM spending s JOIN intervention_groups g ON g.intervention = s.intervention
    WHERE s.year IS NULL AND s.kind = 'budget' AND s.cycle <> 'C19RM' AND s.usd > 0 AND g.intervention_group = 'harm_reduction' GROUP BY s.country
) b ON b.country = o.country
WHERE ($eeca::BOOLEAN IS NULL OR o.eeca = $eeca::BOOLEAN)
  AND ($country::VARCHAR IS NULL OR o.country = $country::VARCHAR)
ORDER BY o.eeca DESC, o.name_en;
