"""An operator and erasures: the list, applying it to a restored backup, master keys, what is due, a company's end."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import Connection

from commands.erasure import CloseTenant
from commands.request import Request
from domain.ids import CommandId, TenantId
from domain.personal import ERASED
from domain.services import OPERATOR
from domain.tenants.keeping import EVERY_OTHER
from domain.text import check_lines
from infra.ids import uuid7
from infra.keys import master as masters
from infra.keys.master import BYTES, ID, KeyFileWrong, Master, key_file, master_of
from infra.keys.ring import owner
from infra.read_store.live import connect
from infra.read_store.rebuild import rebuild
from infra.roles import ROLES, as_role
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from queries.past_retention import PastRetentionRow, past_retention
from services.bootstrap import read_side, write_side
from services.lapsing import LONGEST_REASON, company

ERASURES = """
    SELECT tenant_id::text, subject_id::text, kind, seq, at FROM erasures ORDER BY position, tenant_id, subject_id
"""
AGAIN = "SELECT erase_again(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::timestamptz[])"
KEYS = """
    SELECT tenant_id::text, subject_id::text, wrapped FROM data_keys
    WHERE (tenant_id, subject_id) > (%s::uuid, %s::uuid) ORDER BY tenant_id, subject_id LIMIT %s
"""
REWRAPPED = "SELECT data_keys_rewrapped(%s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[])"
COMPANIES = "SELECT tenant_id::text, name FROM directory.company ORDER BY name, tenant_id"
NOBODY = "00000000-0000-0000-0000-000000000000"
AT_ONCE = 1_000
KINDS = ("member", "run", "tenant")


class ListUnreadable(ValueError):
    """A line of a list of erasures is not one."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A line of the list: whose key was destroyed, by which event of the company's. It holds nothing personal."""

    tenant: str
    subject: str
    kind: str
    seq: int
    at: str


class Due(NamedTuple):
    """A company, and runs of it that need not be kept any more."""

    company: str
    runs: Sequence[PastRetentionRow]


def erasures(dsn: str) -> Iterator[str]:
    """The list of erasures, a line of JSON each, in the order in which they happened."""
    with connect(dsn) as connection:
        for tenant, subject, kind, seq, at in connection.execute(ERASURES).fetchall():
            yield json.dumps(asdict(Erased(tenant, subject, kind, seq, at.astimezone(UTC).isoformat())))


def erase_again(dsn: str, lines: Iterable[str]) -> int:
    """Apply a list to a database that was restored from a backup; how many of it were new there.

    Read models are rebuilt, for they may have named whom it erases. Raises ListUnreadable before anything is done.
    """
    listed = [_erased(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not listed:
        return 0
    columns = [[getattr(one, name) for one in listed] for name in ("tenant", "subject", "kind", "seq", "at")]
    with psycopg.connect(as_role(dsn, ROLES.application), autocommit=True) as connection:
        row = connection.execute(AGAIN, columns).fetchone()
    rebuild(dsn, PROJECTIONS)
    return int(row[0]) if row else 0


def _erased(number: int, line: str) -> Erased:
    try:
        one = Erased(**json.loads(line))
        UUID(one.tenant), UUID(one.subject), datetime.fromisoformat(one.at), one.seq + 0  # are they?
    except (ValueError, TypeError, AttributeError):
        one = None
    if one is None or one.kind not in KINDS:
        raise ListUnreadable(f"expected an erasure on line {number} of the list, but it is something else")
    return one


def rotate(dsn: str, settings: Settings) -> int:
    """Begin a new master key, and wrap every person's key with it; how many there were.

    The old one stays in the file: backups of the database need it, until `forget_old`. Programs that run meanwhile
    find the new key in the file. Started again after a crash it goes on.
    """
    path = key_file(settings)
    master_of(settings)
    if not _rows_of_older(dsn, masters.read(path)):
        masters.replace(path, [os.urandom(BYTES), *masters.keys_in(path)])
    master = masters.read(path)
    count = 0
    with connect(dsn) as connection, psycopg.connect(as_role(dsn, ROLES.application), autocommit=True) as writing:
        for rows in _pages(connection):
            old = [row for row in rows if row[2][:ID] != master.current]
            if not old:
                continue
            new = [_wrapped_anew(master, *row) for row in old]
            given = ([r[0] for r in old], [r[1] for r in old], [r[2] for r in old], new)
            row = writing.execute(REWRAPPED, given).fetchone()
            count += int(row[0]) if row else 0
    return count


def forget_old(dsn: str, settings: Settings) -> int:
    """Take the master keys out of the file that no key of this database is wrapped with; how many.

    Backups made before the last change of keys cannot be opened any more. Raises KeyFileWrong while one is needed.
    """
    path = key_file(settings)
    if needed := _rows_of_older(dsn, masters.read(path)):
        raise KeyFileWrong(
            f"expected every key to be wrapped with the newest master key, but {needed} are not: "
            "restart what runs, then `ashiato sealing rotate`"
        )
    keys = masters.keys_in(path)
    masters.replace(path, keys[:1])
    return len(keys) - 1


async def close_by_operator(dsn: str, tenant: str, reason: str) -> bool:
    """Destroy the keys of the company of that id or name, whose announced end has come; False when it was so already.

    Raises NotOneCompany, and the command's refusals.
    """
    reason = check_lines("reason", reason, LONGEST_REASON)
    of = await company(dsn, tenant)
    async with write_side(dsn) as write:
        request = Request(of, CommandId(uuid7()), datetime.now(UTC), actor=OPERATOR.id, reason=reason)
        return (await write.commands.execute(request, CloseTenant())).events > 0


async def past_retentions(dsn: str) -> list[Due]:
    """Every company with runs whose period is over and whose subjects are still named."""
    with connect(dsn) as connection:
        companies = connection.execute(COMPANIES).fetchall()
    async with write_side(dsn) as write, read_side(dsn) as read:
        found = []
        for of, name in companies:
            state = await write.commands.tenant(TenantId(of))
            years = state.keeping.years
            runs = await past_retention(
                read.ask,
                of,
                years={procedure: n for procedure, n in years.items() if procedure},
                others=years.get(EVERY_OTHER),
                erased=ERASED,
                today=state.today(datetime.now(UTC)),
                limit=AT_ONCE,
            )
            found += [Due(name, runs)] if runs else []
    return found


def _rows_of_older(dsn: str, master: Master) -> int:
    with connect(dsn) as connection:
        return sum(row[2][:ID] != master.current for rows in _pages(connection) for row in rows)


def _pages(connection: Connection[Any]) -> Iterator[list[tuple[str, str, bytes]]]:
    after = NOBODY, NOBODY
    while rows := connection.execute(KEYS, (*after, AT_ONCE)).fetchall():
        yield [(tenant, subject, bytes(wrapped)) for tenant, subject, wrapped in rows]
        after = rows[-1][0], rows[-1][1]


def _wrapped_anew(master: Master, tenant: str, subject: str, wrapped: bytes) -> bytes:
    whose = owner((tenant, subject))
    return master.wrap(master.unwrap(wrapped, whose), whose)
