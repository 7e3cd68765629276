-- money_has_currency: a flow without amount or currency.
-- @severity fail
SELECT flow_id, source, amount, currency FROM flows WHERE amount IS NULL OR coalesce(currency, '') = '' ORDER BY ALL;
