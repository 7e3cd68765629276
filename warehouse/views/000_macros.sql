-- macros: exact arithmetic and small helpers. DECIMAL / DECIMAL is DOUBLE in
-- DuckDB, so every quotient of money or of published values goes through these:
-- whole numbers of 128 bits, rounded half away from zero once, at the end. They
-- hold for money of 20 digits before the point, more than a sum of flows can have.
-- A cast to a decimal of 18 digits or fewer cuts digits off where one to more digits
-- rounds: it stands behind round().

-- micros: a decimal as a whole number of millionths.
CREATE MACRO micros(x) AS (x::DECIMAL(38,6) * 1000000)::HUGEINT;

-- quotient: n / d of whole numbers, rounded half away from zero. Null when d is 0.
CREATE MACRO quotient(n, d) AS
    CASE WHEN d = 0 THEN NULL
         WHEN (n < 0) = (d < 0) THEN (2 * abs(n) + abs(d)) // (2 * abs(d))
         ELSE -((2 * abs(n) + abs(d)) // (2 * abs(d))) END;

-- pct: 100 * part / whole with four decimals. Null when whole is 0 or either is null.
CREATE MACRO pct(part, whole) AS
    (quotient(micros(part) * 1000000::HUGEINT, micros(whole))::DECIMAL(38,0) * 0.0001)::DECIMAL(38,4);

-- fraction: part / whole with four decimals, for coverages.
CREATE MACRO fraction(part, whole) AS
    (quotient(micros(part) * 10000::HUGEINT, micros(whole))::DECIMAL(38,0) * 0.0001)::DECIMAL(24,4);

-- scaled: x * n / d with six decimals, for converting between price years.
CREATE MACRO scaled(x, n, d) AS
    (quotient(micros(x) * micros(n), micros(d))::DECIMAL(38,0) * 0.000001)::DECIMAL(38,6);

-- meets: whether a value keeps a promise. Null when there is nothing to compare.
CREATE MACRO meets(actual, comparator, threshold) AS
    CASE comparator WHEN '>=' THEN actual >= threshold WHEN '>' THEN actual > threshold
                    WHEN '<=' THEN actual <= threshold WHEN '<' THEN actual < threshold END;

-- shortfall: how far a value is from a threshold; negative when it is beyond.
CREATE MACRO shortfall(actual, comparator, threshold) AS
    CASE WHEN comparator IN ('>=', '>') THEN threshold - actual
         WHEN comparator IN ('<=', '<') THEN actual - threshold END;

-- words: the distinct words of a list of blank-separated texts, sorted; null when none.
CREATE MACRO words(texts) AS
    nullif(array_to_string(list_sort(list_distinct(list_filter(
        string_split(array_to_string(list_filter(texts, x -> x IS NOT NULL), ' '), ' '), x -> x <> ''))), ' '), '');

-- has_word: whether a blank-separated text holds a word; not when it is null.
CREATE MACRO has_word(w, word) AS coalesce(list_contains(string_split(w, ' '), word), false);

-- in_area: whether a membership holds in a year; for a null year, whether it holds now.
CREATE MACRO in_area(since, until, in_year) AS
    (since IS NULL OR since <= coalesce(in_year, 9999)) AND (until IS NULL OR until >= coalesce(in_year, 9999));

-- grant_key: a grant of the Global Fund as its own data and its IATI name it: MNE-H-MoHP03 and 47045-MNE-H-MoH-3
-- are mne-h-moh-3. Any other identifier stays what it is, in small letters.
CREATE MACRO grant_key(id) AS
    lower(regexp_replace(regexp_replace(id, '^47045-', ''), '^([A-Z]{3}-[A-Z]-.+)P0*([1-9][0-9]*)$', '\1-\2'));

-- n_words: how many words a blank-separated text holds.
CREATE MACRO n_words(w) AS CASE WHEN coalesce(w, '') = '' THEN 0 ELSE len(string_split(w, ' ')) END;

-- least_sure: the least of the confidence levels that occur in a list of blank-separated texts.
CREATE MACRO least_sure(texts) AS
    CASE WHEN has_word(words(texts), 'low') THEN 'low'
         WHEN has_word(words(texts), 'medium') THEN 'medium'
         WHEN has_word(words(texts), 'high') THEN 'high' END;

-- one_status: imputed when any part is.
CREATE MACRO one_status(texts) AS
    CASE WHEN words(texts) IS NULL THEN 'not_reported'
         WHEN has_word(words(texts), 'imputed') THEN 'imputed' ELSE 'reported' END;

-- money_reason: whether a sum of best_interventions may stand beside another one, or why not (reasons).
CREATE MACRO money_reason(measures, n_without_usd) AS
    CASE WHEN measures IS NULL THEN 'no_money_known'
         WHEN n_without_usd > 0 THEN 'some_without_usd'
         WHEN contains(measures, ' ') THEN 'mixed_measures'
         WHEN measures = 'budgeted' THEN 'budget_not_spending'
         WHEN measures = 'disbursed' THEN 'paid_out_not_spent'
         ELSE 'compared' END;

-- money_source: whose money it is, in the classes researchers ask for.
CREATE MACRO money_source(of_group, of_funder, of_type) AS
    CASE WHEN of_group = '47045' THEN 'global_fund'
         WHEN contains(of_funder, 'PEPFAR') THEN 'pepfar'
         WHEN of_type = 'bilateral' THEN 'other_bilateral'
         WHEN of_type IN ('domestic_public', 'multilateral', 'philanthropic', 'private') THEN of_type
         WHEN starts_with(of_funder, 'International') OR of_funder = 'Other international' THEN 'international_unspecified'
         ELSE 'unknown' END;

-- counted flows of a view ('recipient' or 'donor') summed: spending and
-- donor_spending say what the columns mean.
CREATE MACRO summed_flows(of_view) AS TABLE
WITH parts AS ( -- words are collected over few rows: collecting them per flow takes ten times as long
    SELECT country, year, year_basis, cycle, kind, funder, funder_type, channel, intervention,
           currency, hr_method, confidence, flags, source, origin,
           sum(usd) AS usd, sum(usd_constant) AS usd_constant, sum(amount) AS amount,
           count(*) AS n_flows, count(usd) AS n_usd, count(usd_constant) AS n_constant
    FROM flows
    WHERE CASE of_view WHEN 'donor' THEN counted_donor ELSE counted END
    GROUP BY ALL
)
SELECT country, year, year_basis, cycle, kind, funder, funder_type, channel, intervention,
       sum(usd)::DECIMAL(38,6) AS usd,
       CASE WHEN sum(n_constant) = sum(n_flows) THEN sum(usd_constant)::DECIMAL(38,6) END AS usd_constant,
       CASE WHEN min(currency) = max(currency) THEN sum(amount)::DECIMAL(38,6) END AS amount,
       CASE WHEN min(currency) = max(currency) THEN min(currency) END AS currency,
       sum(n_flows)::BIGINT AS n_flows,
       (sum(n_flows) - sum(n_usd))::BIGINT AS n_without_usd,
       words(list(hr_method)) AS hr_methods,
       words(list(confidence)) AS confidence,
       words(list(flags)) AS flags,
       words(list(source)) AS sources,
       words(list(origin)) AS origin
FROM parts
GROUP BY country, year, year_basis, cycle, kind, funder, funder_type, channel, intervention;
