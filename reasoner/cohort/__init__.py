"""Many patients: every presentation answered, every imaging order judged, as tables that open anywhere.

    sources -> spread (by patient) -> buckets -> grouping (one case, one answer) -> columns -> tables, summary
"""
