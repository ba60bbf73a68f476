"""Checkpoints, keys and proofs on a database."""
