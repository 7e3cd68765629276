-- fund_pledges: what donors pledged to the Global Fund in a replenishment and what they are known to have paid. Payments are the contributions that the fund itself discloses for the replenishment.
-- @question 12
-- @param donor  text: only this donor, as the pledge names it
-- @param replenishment  int: only this replenishment
-- @column replenishment  Number of the replenishment.
-- @column period  Years it pays for.
-- @column donor  Donor as the pledge names it.
-- @column currency  Currency of the pledge.
-- @column pledge  Pledge in that currency.
-- @column pledge_usd  Pledge in US dollars as announced.
-- @column paid_usd  Contributions to this replenishment, nominal US dollars; null where none is disclosed.
-- @column outstanding  pledge_usd - paid_usd.
-- @column pct_paid  paid_usd in per cent of pledge_usd.
-- @column currency_effect  What the pledge in its own currency was worth at the average market rate of the first year of the period, less pledge_usd; null where that rate is not known or the figures are rounded so far that the rounding would be the effect.
-- @column as_of  Day of the announcement.
-- @column url  Where the pledge stands.
-- @trace pledges replenishment=replenishment, donor=donor
-- @trace flows 'incoming'=kind, period=cycle, donor=funder
WITH period AS (
    SELECT *, try_cast(left(period, 4) AS INTEGER) AS first_year, try_cast(right(period, 4) AS INTEGER) AS last_year FROM pledges
    WHERE donor_kind <> 'total' AND ($donor::VARCHAR IS NULL OR donor = $donor::VARCHAR) AND ($replenishment::INTEGER IS NULL OR replenishment = $replenishment::INTEGER)
), paid AS ( -- the donor is the country of its name, or the name itself
    SELECT p.replenishment, p.donor, sum(f.usd)::DECIMAL(38,6) AS usd, count(*) - count(f.usd) AS n_without_usd, words(list(f.source)) AS source_ids
    FROM period p
    LEFT JOIN countries c ON strip_accents(p.donor) = strip_accents(c.name_en) OR list_contains(string_split(c.aliases, '|'), split_part(p.donor, ',', 1))
    JOIN flows f ON f.cycle = p.period AND (f.funder_group = c.iso3 OR lower(f.funder) = lower(p.donor))
    WHERE f.kind = 'incoming' AND f.counted_donor AND has_word(f.flags, 'core_contribution')
    GROUP BY p.replenishment, p.donor
), rates AS (
    SELECT currency, year, rate FROM (
        SELECT split_part(unit, ' ', 1) AS currency, year, value AS rate, row_number() OVER (PARTITION BY split_part(unit, ' ', 1), year ORDER BY source) AS n
        FROM observations WHERE indicator = 'fx_dac' AND value > 0)
    WHERE n = 1
), rows_of AS (
    SELECT p.*, (p.amount_million * 1000000)::DECIMAL(38,6) AS pledge, (p.usd_million * 1000000)::DECIMAL(38,6) AS pledge_usd, q.usd AS paid_usd, q.source_ids,
           CASE WHEN p.currency <> 'USD' AND NOT contains(coalesce(p.note, ''), 'rounded') THEN (scaled(p.amount_million * 1000000, 1, r.rate) - p.usd_million * 1000000)::DECIMAL(38,6) END AS currency_effect,
           CASE WHEN q.usd IS NULL THEN 'payments_unknown' WHEN q.n_without_usd > 0 THEN 'some_without_usd' ELSE 'compared' END AS reason
    FROM period p LEFT JOIN paid q ON q.replenishment = p.replenishment AND q.donor = p.donor
    LEFT JOIN rates r ON r.currency = p.currency AND r.year = p.first_year
)
SELECT replenishment, period, donor, currency, pledge, pledge_usd, paid_usd, (pledge_usd - paid_usd)::DECIMAL(38,6) AS outstanding, pct(paid_usd, pledge_usd) AS pct_paid, currency_effect, as_of, source_url AS url,
       1 + n_words(source_ids) AS n_sources, CASE WHEN paid_usd IS NULL THEN 'not_reported' ELSE 'reported' END AS status, 'pledge as announced' || coalesce('; ' || note, '') AS method, 'medium' AS confidence,
       reason = 'compared' AS comparable, reason, reason_en(reason) AS reason_en, (SELECT max(release) FROM releases) AS release_id, words(['pledges', source_ids]) AS source_ids
FROM rows_of
ORDER BY replenishment, pledge_usd DESC NULLS LAST, donor;
