-- summary: The facts that orders lack: each question that would tell which scenario applies, and
-- summary: how many orders wait for its answer.
SELECT q.question, COUNT(*) AS orders
FROM orders o JOIN (SELECT DISTINCT criterion, question FROM questions) q
  ON array_contains(o.missing, q.criterion)
GROUP BY q.question
ORDER BY orders DESC, q.question
