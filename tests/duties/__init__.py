"""People's duties under load: what must hold whatever happens at once."""
