"""Analyzes a SPARQL query before it runs: what it accesses, and where and why it is wrong."""
