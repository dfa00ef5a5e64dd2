"""A new scenario: its definition, rating rows, questions and a test patient, as stubs to fill in."""
