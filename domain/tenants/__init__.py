"""Tenants: a company, its members, the roles they hold, its plan and its seats. One consistency boundary."""
