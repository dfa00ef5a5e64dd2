-- summary: The facts that orders lack: each question, and how many orders cannot be judged without its answer.
SELECT q.criterion, q.question, COUNT(*) AS orders
FROM orders o JOIN questions q ON q.patient = o.patient AND q.presentation = o.presentation
WHERE o.judgement = 'information-missing'
GROUP BY q.criterion, q.question
ORDER BY orders DESC, q.criterion
