-- definitions: interventions with the definitions of harm reduction that include them.
SELECT i.*, g.intervention_group FROM interventions i LEFT JOIN intervention_groups g ON g.intervention = i.id ORDER BY i.id;
