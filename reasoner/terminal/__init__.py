"""The terminal: arguments in, text and errors out, exit codes."""
