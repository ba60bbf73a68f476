"""Evidence on a database: who signs, what is stored of each tenant's tree, and proofs made of it."""
