"""What changed between two versions of the graph, or two editions of a topic.

Terms, code mappings and the answers of test patients are compared.
"""
