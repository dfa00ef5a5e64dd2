-- summary: Presentations by topic: how many have a scenario that applies, how many lack a fact that
-- summary: decides, and how many have none.
SELECT topic_label AS topic,
  COUNT(*) FILTER (WHERE scenario IS NOT NULL) AS scenario_applies,
  COUNT(*) FILTER (WHERE scenario IS NULL AND outcome = 'more-information') AS more_information,
  COUNT(*) FILTER (WHERE scenario IS NULL AND outcome <> 'more-information') AS without_scenario,
  COUNT(*) AS presentations
FROM presentations
GROUP BY topic_label
ORDER BY presentations DESC, topic NULLS LAST
