-- excluded: the double-count ledger of a country, flow by flow.
-- @param country  text, required: country (alpha-3)
SELECT * FROM excluded WHERE country = $country::VARCHAR ORDER BY source, kind, year, flow_id;
