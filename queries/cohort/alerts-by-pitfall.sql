-- summary: The pitfalls that records and orders reveal.
SELECT pitfall_label AS pitfall, severity, COUNT(*) AS alerts
FROM alerts
GROUP BY pitfall_label, severity
ORDER BY alerts DESC, pitfall, severity
