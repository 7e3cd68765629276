-- country_need_prices: this project's estimates of what harm reduction would cost in a country in the prices of each year, with the number of people they start from, so that money of that year can be set against them (need_funded).
-- @param country  text, required: country (alpha-3)
-- @param year  int: only this year
SELECT * FROM needs_by_year
WHERE country = $country::VARCHAR AND ($year::INTEGER IS NULL OR year = $year::INTEGER)
ORDER BY year, method;
