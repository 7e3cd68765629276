-- country_needs: this project's estimates of what harm reduction would cost in a country. Two methods, never mixed, each with its calculation in words.
-- @param country  text, required: country (alpha-3)
-- @param latest  bool: only estimates from the newest population size
SELECT * FROM needs
WHERE country = $country::VARCHAR AND ($latest::BOOLEAN IS NULL OR latest = $latest::BOOLEAN)
ORDER BY year, method;
