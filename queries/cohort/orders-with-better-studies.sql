-- summary: What would have been better: the study that was ordered, and the best-rated one in its
-- summary: place.
SELECT REPLACE(generic_label, ' area of interest', '') AS ordered,
  CASE WHEN set_aside THEN 'set aside' ELSE category END AS category,
  REPLACE(better_generic_label, ' area of interest', '') AS better,
  COUNT(*) AS orders
FROM orders
WHERE better_generic_label IS NOT NULL AND (set_aside OR category <> 'usually-appropriate')
GROUP BY generic_label, CASE WHEN set_aside THEN 'set aside' ELSE category END, better_generic_label
ORDER BY orders DESC, ordered NULLS LAST, category NULLS LAST, better
LIMIT 25
