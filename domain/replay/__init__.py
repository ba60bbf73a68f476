"""Replaying history: states as plain facts that anyone can compute from the log, and what events changed in them."""
