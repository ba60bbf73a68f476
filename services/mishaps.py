"""What an operator can put right, as one sentence."""

import psycopg

from domain.refusals import Refusal
from infra.embedded_postgres import EmbeddedPostgresError
from infra.event_store.reader import EventUnreadable
from infra.evidence.keys import KeyUnusable
from infra.evidence.outside import EvidenceUnusable
from infra.keys.master import KeyFileWrong
from infra.migrations import MigrationError
from infra.read_store.cutover import InTheWay
from infra.read_store.helping import HelperFailed
from infra.read_store.past import PastUnfoldable
from infra.read_store.rebuild import RebuildUnderWay
from infra.read_store.stages import NotReady
from infra.read_store.verify import PartitionsApart
from infra.roles import RolesMissing
from infra.settings import SettingsError
from services.database import DatabaseUnreachable
from services.demo.command import LogNotEmpty
from services.exports.beside import ViewsNotMade
from services.exports.bundle import LogUnfit
from services.exports.source import NoCheckpoint
from services.keeping import ListUnreadable
from services.lapsing import NotOneCompany
from services.link import NobodyToLetIn
from services.listening import CannotListen
from services.relay import RelayRefused

SENTENCES = (
    *(SettingsError, EmbeddedPostgresError, MigrationError, DatabaseUnreachable),
    *(CannotListen, LogNotEmpty, NobodyToLetIn, RebuildUnderWay, HelperFailed, RolesMissing, PartitionsApart),
    *(KeyFileWrong, ListUnreadable, PastUnfoldable, EventUnreadable),
    *(NoCheckpoint, LogUnfit, ViewsNotMade, NotReady, InTheWay),
    *(NotOneCompany, KeyUnusable, EvidenceUnusable, RelayRefused, Refusal),
)


def sentence(error: Exception) -> str | None:
    """The sentence about an error that was to be foreseen; None for any other.

    What the database says is left out, for it may quote values.
    """
    if isinstance(error, SENTENCES):
        return str(error)
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return "expected to keep the connection to the database, but it was lost"
    if isinstance(error, psycopg.Error):
        said = f"{type(error).__name__} (SQLSTATE {error.sqlstate})"
        return f"expected the database to do what was asked, but it refused: {said}"
    if isinstance(error, OSError) and error.filename is not None:
        return f"expected to use {error.filename}, but: {(error.strerror or type(error).__name__).lower()}"
    return None
