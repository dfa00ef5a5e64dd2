"""The parts of `reasoner.diff`: where a version of the graph comes from, what it says of each term, what it answers."""
