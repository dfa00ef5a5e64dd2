-- summary: Orders in each scenario that applies: by the category of the study that was ordered.
SELECT scenario_label AS scenario,
  COUNT(*) FILTER (WHERE NOT set_aside AND category = 'usually-appropriate') AS usually_appropriate,
  COUNT(*) FILTER (WHERE NOT set_aside AND category = 'may-be-appropriate') AS may_be_appropriate,
  COUNT(*) FILTER (WHERE NOT set_aside AND category = 'may-be-appropriate-disagreement')
    AS may_be_appropriate_disagreement,
  COUNT(*) FILTER (WHERE NOT set_aside AND category = 'usually-not-appropriate')
    AS usually_not_appropriate,
  COUNT(*) FILTER (WHERE set_aside) AS set_aside,
  COUNT(*) AS orders
FROM orders
WHERE scenario IS NOT NULL
GROUP BY scenario_label
ORDER BY orders DESC, scenario
