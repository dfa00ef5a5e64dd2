"""What messages need to help: the nearest known name, the format of a document, characters made visible."""
