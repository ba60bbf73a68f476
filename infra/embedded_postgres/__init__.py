"""PostgreSQL as a child of this program: started with it, never left behind by it.

The binaries come from a wheel, the supervision is ours: docs/decisions/001-own-supervisor-of-postgresql.md.

    with EmbeddedPostgres.start(Path(".ashiato/postgres")) as server:
        psycopg.connect(server.dsn)
"""

from infra.embedded_postgres.cluster import dsn_of_running
from infra.embedded_postgres.errors import EmbeddedPostgresError, FolderInUse
from infra.embedded_postgres.keeper import Keeper
from infra.embedded_postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "FolderInUse", "Keeper", "dsn_of_running"]
