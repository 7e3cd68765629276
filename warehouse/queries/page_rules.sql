-- page_rules: the rules that take flows out of a total so that each dollar counts once, in words, with the flows of this release each of them took out.
SELECT r.*, (SELECT count(*) FROM flows f WHERE f.excluded_by = r.rule) AS n_flows,
       (SELECT count(*) FROM flows f WHERE f.excluded_by_donor = r.rule) AS n_flows_donor
FROM counting_rules r ORDER BY r.rule;
