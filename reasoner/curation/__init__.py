"""What a curator is spared: the stubs of a new scenario, made from one command."""
