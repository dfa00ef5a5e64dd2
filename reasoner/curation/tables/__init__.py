"""The tables that curators edit, `ontology/tables/*.csv`, read as statements of the graph."""
