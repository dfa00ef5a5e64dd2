-- summary: What would have been better: the study that was ordered, and the best-rated one in its place.
SELECT procedure_label AS ordered, CASE WHEN set_aside THEN 'set aside' ELSE category END AS category, better_label AS better, COUNT(*) AS orders
FROM orders
WHERE better_label IS NOT NULL AND (set_aside OR category <> 'usually-appropriate')
GROUP BY procedure_label, CASE WHEN set_aside THEN 'set aside' ELSE category END, better_label
ORDER BY orders DESC, ordered NULLS LAST, category NULLS LAST, better
LIMIT 25
