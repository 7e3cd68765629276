-- commitments: the register of promises.
-- @param commitment  text: only this one
SELECT * FROM commitments WHERE $commitment::VARCHAR IS NULL OR id = $commitment::VARCHAR ORDER BY adopted, id;
