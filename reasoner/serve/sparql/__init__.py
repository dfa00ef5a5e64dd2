"""The SPARQL 1.1 endpoint, read-only, and what it says of itself."""
