-- page_areas: areas that promises and questions speak of, and how many countries belong to each now or did.
SELECT a.area, a.kind, a.name_en, a.name_ru, a.note, count(DISTINCT m.country) AS n_countries
FROM areas a LEFT JOIN area_members m ON m.area = a.area
GROUP BY ALL ORDER BY a.area;
