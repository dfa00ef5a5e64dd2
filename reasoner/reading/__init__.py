"""The word screens: hazards, and doubts of a benign result, looked for in texts that were not read.

texts -> folding -> phrases (tables of them) -> screens -> hits with their quotes
"""
