-- excluded: the double-count ledger, one row per flow that does not count in the recipient view. Counted + excluded = gross, to the cent, per source, currency and kind.
-- @column flow_id  The flow that does not count.
-- @column source  Source id.
-- @column kind  Kind of money; exclusions are decided within one kind, but for mirrors.
-- @column country  Country of the flow.
-- @column year  Year of the flow.
-- @column funder  Financing entity.
-- @column intervention  What the money buys.
-- @column rule  Rule that excludes it (counting_rules).
-- @column stands_for  flow_id that counts instead, when exactly one does.
-- @column stands_for_group  Group, activity or source that counts instead.
-- @column amount  The flow's own money in currency.
-- @column currency  ISO 4217.
-- @column usd  Nominal US dollars; null when no rate is known.
-- @column counted_donor  Whether it still counts in the donor view.
CREATE VIEW excluded AS
SELECT flow_id, source, kind, country, year, funder, intervention, excluded_by AS rule, stands_for, stands_for_group,
       amount, currency, usd, counted_donor
FROM flows
WHERE NOT counted;
