-- members_known: an area or country of area_members that is not known.
-- @severity warn
SELECT area, country FROM area_members WHERE area NOT IN (SELECT area FROM areas) OR country NOT IN (SELECT iso3 FROM countries) ORDER BY ALL;
