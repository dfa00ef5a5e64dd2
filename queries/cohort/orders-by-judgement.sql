-- summary: How the imaging orders were judged.
SELECT judgement,
  CASE WHEN set_aside THEN 'set aside' ELSE category END AS category,
  COUNT(*) AS orders
FROM orders
GROUP BY judgement, CASE WHEN set_aside THEN 'set aside' ELSE category END
ORDER BY orders DESC, judgement, category NULLS LAST
