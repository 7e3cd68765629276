-- commitments_known: a commitment whose measure has no rule, or that binds nobody this release knows.
-- @severity warn
SELECT id, measure, bound, computability FROM commitments
WHERE measure NOT IN (SELECT measure FROM measures)
   OR (bound NOT IN (SELECT area FROM areas) AND bound NOT IN (SELECT iso3 FROM countries) AND bound NOT IN ('donors', 'gf_recipients', 'high_incidence')) ORDER BY ALL;
