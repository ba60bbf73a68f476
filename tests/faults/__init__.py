"""Faults made on purpose: killed processes, lost connections, lost answers."""
