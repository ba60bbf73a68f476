"""Live feeds: one reading of the log in each process, and many who listen."""
