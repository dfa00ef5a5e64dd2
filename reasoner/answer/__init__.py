"""Conclusions in the form of `answer.schema.json`, with words, proofs and renderings."""
