-- pledges: pledges to the Global Fund by replenishment and donor, in millions, with totals as published.
-- @param donor  text: only this donor
SELECT * FROM pledges WHERE $donor::VARCHAR IS NULL OR donor = $donor::VARCHAR ORDER BY replenishment, donor_kind, usd_million DESC NULLS LAST, donor;
