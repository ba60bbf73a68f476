"""Read models in PostgreSQL: a schema for each projection, written live or rebuilt, and asked now or as of then."""
