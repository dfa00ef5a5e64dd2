"""Compiles the tables of topics, which curators edit, to definitions in OWL."""
