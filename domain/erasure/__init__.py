"""Erasing people: who may be erased, and what is left of them."""
