"""What a curator runs: build, format, import, and the stubs of a new scenario."""
