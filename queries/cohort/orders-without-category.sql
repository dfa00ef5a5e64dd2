-- summary: Orders without a category: why, the nearest scenario, and the criterion that keeps it from applying.
SELECT judgement, why, nearest_label, failed_label, failed_status, COUNT(*) AS orders
FROM orders
WHERE category IS NULL AND NOT set_aside
GROUP BY judgement, why, nearest_label, failed_label, failed_status
ORDER BY orders DESC, judgement, why NULLS LAST, nearest_label NULLS LAST, failed_label NULLS LAST, failed_status NULLS LAST
LIMIT 25
