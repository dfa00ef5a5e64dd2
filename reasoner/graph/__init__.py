"""What is known before a patient comes: the ontology, its tables and codes, loaded and compiled once."""
