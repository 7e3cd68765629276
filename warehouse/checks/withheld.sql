-- withheld: an implementer named in a country where implementers are withheld, unless consent is recorded in its flags.
-- @severity fail
SELECT flow_id, source, country, implementer FROM flows
WHERE country IN (SELECT country FROM withhold) AND coalesce(implementer, '') NOT IN ('', 'withheld')
  AND NOT list_contains(string_split(coalesce(flags, ''), ' '), 'consent') ORDER BY ALL;
