"""The database that a command works on: the one named, or our own for as long as the command runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.embedded_postgres import EmbeddedPostgres
from infra.migrations import migrate
from infra.read_store.live import connect, ensure
from infra.settings import Settings
from projections.catalogue import PROJECTIONS


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The database of the settings, migrated: the one named, or our own for as long as we run."""
    if settings.database_url:
        prepare(settings.database_url)
        yield settings.database_url
        return
    with EmbeddedPostgres.start(settings.data_dir / "postgres", bin_dir=settings.pg_bin) as server:
        prepare(server.dsn)
        yield server.dsn


def prepare(dsn: str) -> None:
    """Bring the schema up to date, and make the tables of read models that have none yet."""
    migrate(dsn)
    with connect(dsn) as connection:
        ensure(connection, PROJECTIONS)
