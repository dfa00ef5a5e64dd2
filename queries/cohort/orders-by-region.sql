-- summary: Orders in each body region, by judgement.
SELECT region, judgement, COUNT(*) AS orders
FROM orders
GROUP BY region, judgement
ORDER BY region NULLS LAST, orders DESC, judgement
