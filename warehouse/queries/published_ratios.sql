-- published_ratios: what Harm Reduction International published on harm reduction money against need in low- and middle-income countries, the same ratio computed again from its own two numbers, and beside it our like-for-like answer, with both sides in the prices of the year of the money. A published ratio is an observation: where the prices of its two sides differ, ours does too. Years of different reports are not one series.
-- @column year  Year of the money.
-- @column report  The report.
-- @column identified_usd  Money the report identified, US dollars.
-- @column need_usd  Need the report divides it by, US dollars; null where it names none.
-- @column ratio_published  Per cent, whole numbers as published.
-- @column ratio_recomputed  100 * identified_usd / need_usd.
-- @column reproduces  Whether the two agree to within half a point or in their whole number.
-- @column gap_published  Per cent as published.
-- @column gap_recomputed  100 - ratio_recomputed.
-- @column ratio_like_for_like  Our answer (gaps, NEED-PWID-2025), need carried to the prices of the year.
-- @column need_like_for_like  The need in those prices; null where the need is a later one.
-- @column reason  Why there is no answer of ours (reasons), or compared.
-- @column method  How ours was made.
-- @column need_note  Which need it is.
-- @column note  What a reader must know.
-- @column source_url  Where the report's numbers stand.
-- @column verification  How well verified.
SELECT p.year, p.report, p.identified_usd, p.need_usd, round(p.ratio_pct, 1)::DECIMAL(9,1) AS ratio_published, pct(p.identified_usd, p.need_usd) AS ratio_recomputed,
       abs(pct(p.identified_usd, p.need_usd) - p.ratio_pct) <= 0.5 AS reproduces, round(p.gap_pct, 1)::DECIMAL(9,1) AS gap_published, (100 - pct(p.identified_usd, p.need_usd))::DECIMAL(38,4) AS gap_recomputed,
       g.funded_pct AS ratio_like_for_like, CASE WHEN g.reason <> 'need_is_later' THEN g.required END AS need_like_for_like, coalesce(g.reason, 'no_observation') AS reason, g.method, p.need_note, p.note, p.source_url, p.verification
FROM published_ratios p
LEFT JOIN gaps g ON g.commitment = 'NEED-PWID-2025' AND g.area = 'LMIC' AND g.measure = 'hri_identified_funding' AND g.year = p.year
ORDER BY p.year;
