-- country_names: the countries and territories there are, by code, whether or not anything is known of them.
-- @param country  text: only this country (alpha-3)
SELECT iso3 AS country, iso2, name_en, name_ru FROM countries
WHERE ($country::VARCHAR IS NULL OR iso3 = $country::VARCHAR)
ORDER BY iso3;
