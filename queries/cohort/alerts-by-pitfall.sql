-- summary: The pitfalls that records and orders reveal.
SELECT pitfall, severity, COUNT(*) AS alerts
FROM alerts
GROUP BY pitfall, severity
ORDER BY alerts DESC, pitfall, severity
