"""What may happen, shown without a database."""
