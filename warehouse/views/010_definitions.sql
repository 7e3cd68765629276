-- definitions: which interventions each definition of harm reduction includes. Every total names the definition it used.
-- @column definition  core-3, comprehensive-9, who-2022, hri or broad.
-- @column intervention  Intervention id (interventions).
CREATE VIEW definitions AS
SELECT 'core-3' AS definition, id AS intervention FROM interventions WHERE core_3
UNION ALL SELECT 'comprehensive-9', id FROM interventions WHERE comprehensive_9
UNION ALL SELECT 'who-2022', id FROM interventions WHERE who_2022
UNION ALL SELECT 'hri', id FROM interventions WHERE hri
UNION ALL SELECT 'broad', id FROM interventions WHERE broad;
