-- summary: How the imaging orders were judged.
SELECT judgement, category, set_aside, COUNT(*) AS orders
FROM orders
GROUP BY judgement, category, set_aside
ORDER BY orders DESC, judgement, category NULLS LAST, set_aside
