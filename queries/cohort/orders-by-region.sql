-- summary: Orders in each body region: by judgement.
SELECT COALESCE(region_label, 'not stated') AS region,
  COUNT(*) FILTER (WHERE judgement = 'appropriate') AS appropriate,
  COUNT(*) FILTER (WHERE judgement = 'not-appropriate') AS not_appropriate,
  COUNT(*) FILTER (WHERE judgement = 'no-criteria-apply') AS no_criteria_apply,
  COUNT(*) FILTER (WHERE judgement = 'information-missing') AS information_missing,
  COUNT(*) AS orders
FROM orders
GROUP BY COALESCE(region_label, 'not stated')
ORDER BY orders DESC, region
