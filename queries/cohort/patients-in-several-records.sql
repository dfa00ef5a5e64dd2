-- summary: Patients in several records of the input: each record was answered by itself, and none
-- summary: knows what the others say.
SELECT records, COUNT(*) AS patients
FROM (
  SELECT patient, COUNT(*) AS records
  FROM patients
  GROUP BY patient
  HAVING COUNT(*) > 1
) AS several
GROUP BY records
ORDER BY records DESC
