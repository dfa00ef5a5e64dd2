"""Whether a graph is fit to reason over: checks (SPARQL and Python) and shapes (SHACL).

inputs -> graph_under_test -> checks, shacl -> validate -> reports
"""
