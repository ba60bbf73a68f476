"""Evidence: a company's log as a Merkle tree, proofs about it, and the notes that checkpoints of it are."""
