"""Keys to people's data: one for each person of a company, wrapped by the program's own (docs/decisions/038)."""
