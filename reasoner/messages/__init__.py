"""Helpers for error messages: nearest known name, format of a document, escaping for output."""
