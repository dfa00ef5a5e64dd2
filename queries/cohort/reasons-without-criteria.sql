-- summary: Reasons of orders to which no topic speaks, as they were coded.
SELECT reasons, COUNT(*) AS orders
FROM orders
WHERE judgement = 'no-criteria-apply' AND outcome = 'no-criteria'
GROUP BY reasons
ORDER BY orders DESC, reasons NULLS LAST
LIMIT 25
