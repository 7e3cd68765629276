-- country_citations: the addresses to cite for what is known of a country, the most used of each source first.
-- @param country  text, required: country (alpha-3)
SELECT source, url, n FROM country_citations WHERE country = $country::VARCHAR ORDER BY source, n DESC, url;
