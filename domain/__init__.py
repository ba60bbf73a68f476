"""What may happen: events, states and decisions. Standard library only; no clock, no chance, no I/O."""
