-- summary: Orders in each scenario that applies, by the category of the study that was ordered.
SELECT scenario_label, CASE WHEN set_aside THEN 'set aside' ELSE category END AS category, COUNT(*) AS orders
FROM orders
WHERE scenario IS NOT NULL
GROUP BY scenario_label, CASE WHEN set_aside THEN 'set aside' ELSE category END
ORDER BY scenario_label, orders DESC, category NULLS LAST
