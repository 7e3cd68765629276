-- usd_has_rate: US dollars without a rate or a rate without US dollars; US dollar amounts that were changed by conversion; a rate that is not positive.
-- @severity fail
SELECT flow_id, source, amount, currency, usd, rate FROM flows
WHERE (usd IS NULL) <> (rate IS NULL) OR rate <= 0 OR (currency = 'USD' AND usd IS NOT NULL AND usd <> amount) ORDER BY ALL;
