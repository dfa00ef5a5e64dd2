"""Turtle files in one canonical form, and faults in them explained by line and column."""
