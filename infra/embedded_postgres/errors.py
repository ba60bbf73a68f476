"""What the embedded server refuses, in the form "expected …, but …"."""


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked."""


class FolderInUse(EmbeddedPostgresError):
    """Another holder keeps the server of this folder."""
