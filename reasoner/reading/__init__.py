"""Screens free text for words that name a hazard or doubt a benign result.

texts -> folding -> phrases (tables of them) -> screens -> hits with their quotes
"""
