-- asked: what the named questions have in common, as macros.

-- reason_en: a reason code in words.
CREATE MACRO reason_en(code) AS (SELECT any_value(en) FROM reasons WHERE reason = code);

-- asked: the countries a question is about: one, those of an area in any year, or all that get an answer (gap_countries).
CREATE MACRO asked(one, of_area) AS TABLE
    SELECT iso3 AS country FROM countries
    WHERE CASE WHEN one IS NOT NULL THEN iso3 = one ELSE iso3 IN (SELECT country FROM gap_countries) END
      AND (of_area IS NULL OR iso3 IN (SELECT m.country FROM area_members m WHERE m.area = of_area));
