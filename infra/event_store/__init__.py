"""The log in PostgreSQL: its bytes, its one append function, its writer and its readers."""
