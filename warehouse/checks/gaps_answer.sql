-- gaps_answer: a commitment without any answer, or an answer without verdict or reason, or with a number where it refuses one (values from before adoption are shown).
-- @severity fail
SELECT c.id AS commitment, g.area, g.year, g.verdict, g.reason, g.actual
FROM commitments c LEFT JOIN gaps g ON g.commitment = c.id
WHERE g.verdict IS NULL OR g.reason IS NULL OR g.reason_en = ''
   OR (g.verdict IN ('met', 'not_met') OR g.reason = 'before_adoption') <> (g.actual IS NOT NULL AND g.required IS NOT NULL)
   OR (g.verdict IN ('met', 'not_met')) <> (g.gap IS NOT NULL)
   OR g.verdict NOT IN ('met', 'not_met', 'no_data', 'not_applicable', 'not_comparable', 'no_number', 'not_available_by_law')
ORDER BY ALL;
