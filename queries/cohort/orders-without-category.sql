-- summary: Orders without a category: why, the nearest scenario, and the criterion that keeps it
-- summary: from applying.
SELECT judgement, why, nearest_label AS nearest_scenario,
  failed_label AS criterion, failed_status AS criterion_is, COUNT(*) AS orders
FROM orders
WHERE category IS NULL AND NOT set_aside
GROUP BY judgement, why, nearest_label, failed_label, failed_status
ORDER BY orders DESC, judgement, why NULLS LAST, nearest_scenario NULLS LAST,
  criterion NULLS LAST, criterion_is NULLS LAST
LIMIT 25
