-- page_reasons: the reasons of gaps and questions in words.
SELECT reason, en, ru FROM reasons ORDER BY reason;
