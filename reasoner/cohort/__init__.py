"""Many patients: every presentation answered, every imaging order judged, as tables that open anywhere.

sources -> spread (by patient) -> buckets -> population (answers) -> columns -> tables, summary
"""
