"""Trees, proofs and notes."""
