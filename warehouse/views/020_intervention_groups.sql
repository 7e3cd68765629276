-- intervention_groups: the groups of best_available. An intervention is in exactly one.
-- @column intervention  Intervention id (interventions).
-- @column intervention_group  harm_reduction (definition hri), treatment (in the UN package, not in hri: HIV treatment), enablers (rights, law, advocacy, networks, management), or the intervention itself (hiv_other, drug_treatment_other, drug_control, none).
CREATE VIEW intervention_groups AS
SELECT id AS intervention,
       CASE WHEN hri THEN 'harm_reduction'
            WHEN comprehensive_9 THEN 'treatment'
            WHEN broad THEN 'enablers'
            ELSE id END AS intervention_group
FROM interventions;
