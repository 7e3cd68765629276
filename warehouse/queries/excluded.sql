-- excluded: the double-count ledger, flow by flow.
-- @param country  text: only this country (alpha-3)
SELECT * FROM excluded WHERE $country::VARCHAR IS NULL OR country = $country::VARCHAR ORDER BY source, kind, year, flow_id;
