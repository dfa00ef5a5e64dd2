"""The smallest patients that a scenario applies to, made of its compiled definition, as patient
graphs and as FHIR records.
"""
