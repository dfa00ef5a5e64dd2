-- summary: Orders of which it is not known which scenario applies, and what every scenario still
-- summary: possible says of them.
SELECT agreed, generic_label AS study, COUNT(*) AS orders
FROM orders
WHERE agreed IS NOT NULL
GROUP BY agreed, generic_label
ORDER BY orders DESC, agreed, study
