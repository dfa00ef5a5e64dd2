"""A new scenario: its definition, rating rows, questions and a case, as stubs to fill in."""
