-- page_words: codes in words: what indicators, likely causes and scenarios are called.
-- @column code  The code, as other answers have it.
-- @column en  In English.
-- @column ru  In Russian.
SELECT id AS code, name_en AS en, name_ru AS ru FROM indicators
UNION ALL SELECT cause, en, ru FROM causes
UNION ALL SELECT scenario, text_en, text_ru FROM scenarios
ORDER BY code;
