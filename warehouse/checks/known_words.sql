-- known_words: a word in flows that the vocabulary does not know.
-- @severity fail
SELECT 'kind' AS "column", kind AS word, count(*) AS n FROM flows
WHERE kind IS NULL OR kind NOT IN ('pledge', 'allocation', 'commitment', 'budget', 'planned_disbursement', 'disbursement', 'expenditure', 'contract', 'reimbursement', 'incoming', 'incoming_commitment', 'other') GROUP BY kind
UNION ALL SELECT 'intervention', intervention, count(*) FROM flows WHERE intervention IS NULL OR intervention NOT IN (SELECT id FROM interventions) GROUP BY intervention
UNION ALL SELECT 'country', country, count(*) FROM flows WHERE country NOT IN (SELECT iso3 FROM countries) GROUP BY country
UNION ALL SELECT 'source', source, count(*) FROM flows WHERE source IS NULL OR source NOT IN (SELECT source FROM sources) GROUP BY source
UNION ALL SELECT 'funder_type', funder_type, count(*) FROM flows
WHERE funder_type IS NULL OR funder_type NOT IN ('domestic_public', 'bilateral', 'multilateral', 'philanthropic', 'private', 'unknown') GROUP BY funder_type
UNION ALL SELECT 'hr_method', hr_method, count(*) FROM flows WHERE hr_method IS NULL OR hr_method NOT IN ('reported', 'apportioned', 'text_inferred', 'expert', 'none') GROUP BY hr_method
UNION ALL SELECT 'excluded_by', excluded_by, count(*) FROM flows WHERE excluded_by NOT IN (SELECT rule FROM counting_rules WHERE view IN ('both', 'recipient')) GROUP BY excluded_by
UNION ALL SELECT 'excluded_by_donor', excluded_by_donor, count(*) FROM flows WHERE excluded_by_donor NOT IN (SELECT rule FROM counting_rules WHERE view IN ('both', 'donor')) GROUP BY excluded_by_donor
UNION ALL SELECT 'tier', tier, count(*) FROM flows
WHERE tier NOT IN ('donor_to_intermediary', 'donor_to_country', 'intermediary_to_country', 'implementer', 'domestic', 'unknown') GROUP BY tier
UNION ALL SELECT 'origin', origin, count(*) FROM flows WHERE origin IS NULL OR origin NOT IN ('live', 'given', 'bundled') GROUP BY origin
ORDER BY ALL;
