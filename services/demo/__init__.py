"""Demo data made by commands: months of work of invented companies, lived through on a simulated clock."""
