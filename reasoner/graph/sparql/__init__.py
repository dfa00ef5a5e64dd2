"""What a SPARQL query reads and where it is wrong, found from its text before it runs."""
