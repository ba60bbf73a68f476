"""The write side: load, decide, append."""
