"""Exports of a company's log: the evidence, and views of it, in a bundle that anyone can verify without us."""
