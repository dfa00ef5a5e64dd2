"""Whether a graph is fit to reason over: checks (SPARQL and Python) and shapes (SHACL), one list of findings.

gather -> material -> checks, shacl -> validate -> reports
"""
