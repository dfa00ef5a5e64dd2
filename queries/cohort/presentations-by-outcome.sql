-- summary: What kind of answer the presentations got.
SELECT outcome, scenario_label AS scenario, COUNT(*) AS presentations
FROM presentations
GROUP BY outcome, scenario_label
ORDER BY presentations DESC, outcome, scenario NULLS LAST
