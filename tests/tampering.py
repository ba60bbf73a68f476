"""What a superuser may still do to the log: take its guard away first. Tests that forge events do."""

UNGUARD = "ALTER TABLE events DISABLE TRIGGER never_changed"
GUARD = "ALTER TABLE events ENABLE ALWAYS TRIGGER never_changed"
