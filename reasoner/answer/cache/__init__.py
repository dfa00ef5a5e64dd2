"""Answers to presentations that are alike, computed once; an optimization and nothing else."""
