"""The database's roles: who may do what, whatever the program asks (docs/decisions/025).

Roles belong to the server and not to one database, so they are no part of the numbered migrations: whoever migrates
makes those that are missing. None of them logs in. The program logs in as one user and takes the role of each
connection when it connects; `ashiato_writer` is the role of a few stored functions and of no connection.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

TRIES = 20
PAUSE = 0.05
GRANTS_OF_ROLES_HAVE_OPTIONS = 160_000
"""The first version in which being a member, inheriting, and taking a role are three things."""


class RolesMissing(RuntimeError):
    """Roles are missing, and this user may not make them; the message holds what a superuser is to run once."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Their names. Databases of one server share them: what they may do is granted in each database."""

    owner: str = "ashiato_owner"
    """Owns the log, its tables and functions."""
    writer: str = "ashiato_writer"
    """Inserts into the log, for any tenant: only the function `append` runs as it."""
    application: str = "ashiato_app"
    """Carries out commands: calls `append`, reads one tenant's log at a time."""
    projector: str = "ashiato_projector"
    """Reads every tenant's log, owns the read models."""
    reader: str = "ashiato_reader"
    """Answers questions: one tenant's read models and log at a time."""
    signer: str = "ashiato_signer"
    """Signs checkpoints: sees the hashes of every tenant's events, and writes none."""

    @property
    def taken(self) -> tuple[str, ...]:
        """Those that the program's user takes."""
        return self.owner, self.application, self.projector, self.reader, self.signer


ROLES = Roles()


def as_role(dsn: str, role: str) -> str:
    """The same database, by connections that have taken a role from their beginning on, and tell instants in UTC.

    Their plans are not compiled to native code ("jit"): that takes longer than any of our questions.
    """
    options = conninfo_to_dict(dsn).get("options") or ""
    return make_conninfo(dsn, options=f"{options} -c role={role} -c timezone=UTC -c jit=off".strip())


def ensure_roles(connection: Connection[Any], roles: Roles = ROLES) -> None:
    """Make the roles that are missing, and let this user take them; nothing when all is there. Raises RolesMissing.

    Other databases of the server may be at it at the same time, and no lock reaches across: who comes second looks
    again.
    """
    for _ in range(TRIES):
        missing = _missing(connection, roles)
        if not missing:
            return
        try:
            connection.execute(sql.SQL("; ").join(missing))
        except (errors.DuplicateObject, errors.UniqueViolation, errors.InternalError):
            time.sleep(PAUSE)
        except errors.InsufficientPrivilege:
            script = sql.SQL("; ").join(missing).as_string(connection)
            raise RolesMissing(
                "expected this user to make the database's roles, but it may not; a superuser runs once, on this "
                f"database: {script}"
            ) from None
    raise RolesMissing("expected to make the database's roles, but others changed them again and again; try again")


def _missing(connection: Connection[Any], roles: Roles) -> list[sql.Composed]:
    """The statements that make what is not there yet."""
    return [
        *(_create(name) for name in (*roles.taken, roles.writer) if not _is(connection, EXISTS, name)),
        *(_take(connection, name) for name in roles.taken if not _is(connection, TAKEN, name)),
        *_let_owner_write(connection, roles),
        *_let_projector_create(connection, roles),
    ]


EXISTS = "SELECT to_regrole(%s) IS NOT NULL"
# A user that made a role may give it to itself, and is no member before.
TAKEN = """
    SELECT coalesce(pg_has_role(session_user, to_regrole(%s)::oid,
        CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END), false)
"""
WRITES = "SELECT coalesce(pg_has_role(to_regrole(%s)::oid, to_regrole(%s)::oid, 'MEMBER'), false)"
CREATES = """
    SELECT coalesce(has_database_privilege(to_regrole(%s)::oid, current_database(), 'CREATE')
        AND has_database_privilege(to_regrole(%s)::oid, current_database(), 'TEMPORARY'), false)
"""


def _create(name: str) -> sql.Composed:
    return sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(name))


def _take(connection: Connection[Any], name: str) -> sql.Composed:
    has_options = connection.info.server_version >= GRANTS_OF_ROLES_HAVE_OPTIONS
    options = " WITH INHERIT FALSE, SET TRUE" if has_options else ""
    row = connection.execute("SELECT session_user::text").fetchone()
    grant = sql.SQL("GRANT {} TO {}" + options)
    return grant.format(sql.Identifier(name), sql.Identifier(row[0] if row else ""))


def _let_owner_write(connection: Connection[Any], roles: Roles) -> Sequence[sql.Composed]:
    """So that a migration can give the writer its functions."""
    if _is(connection, WRITES, roles.owner, roles.writer):
        return []
    return [sql.SQL("GRANT {} TO {}").format(sql.Identifier(roles.writer), sql.Identifier(roles.owner))]


def _let_projector_create(connection: Connection[Any], roles: Roles) -> Sequence[sql.Composed]:
    """The schemas of read models; what is granted on a database is not in a copy or a dump of it."""
    if _is(connection, CREATES, roles.projector, roles.projector):
        return []
    grant = sql.SQL("GRANT CREATE, TEMPORARY ON DATABASE {} TO {}")
    return [grant.format(sql.Identifier(connection.info.dbname), sql.Identifier(roles.projector))]


def _is(connection: Connection[Any], question: str, *names: str) -> bool:
    row = connection.execute(question.encode(), names).fetchone()
    return bool(row and row[0])
