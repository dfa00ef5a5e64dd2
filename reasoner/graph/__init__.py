"""The knowledge that exists before any patient: ontology, tables and codes, loaded and compiled."""
