"""What follows for a patient: classes by OWL, then the rules of `queries/rules/`, and why."""
