-- siblings: all flows made from one statement: their amounts sum to what was published.
-- @param disclosure_id  text, required: the statement
SELECT * FROM flows WHERE disclosure_id = $disclosure_id::VARCHAR ORDER BY flow_id;
