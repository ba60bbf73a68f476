"""A company's log with checkpoints, somebody who keeps one, and an attacker who may do anything to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from infra.evidence.rounds import Round
from infra.evidence.verifying import Verified, first_faults
from infra.ids import uuid7
from infra.roles import ensure_roles
from services.verifying import verify
from tests.infra.evidence.logs import body_of, fill, sign, stored, superuser
from tests.tampering import UNGUARD

UNGUARD_ALL = "; ".join(
    [UNGUARD, *(f"ALTER TABLE {name} DISABLE TRIGGER never_changed" for name in ("checkpoints", "merkle_nodes"))]
)
REHASH = "UPDATE events SET leaf_hash = sha256('\\x00'::bytea || log_leaf(body, recorded_at, tenant_seq, tenant_id))"
FORGET = "DELETE FROM checkpoints; DELETE FROM merkle_nodes; UPDATE checkpointing SET position = 0"
FORGED = "UPDATE events SET body = convert_to(replace(convert_from(body, 'UTF8'), '\"x\"', '\"y\"'), 'UTF8') "


@dataclass
class Scene:
    """One company's log; `folder` is outside of the database."""

    dsn: str
    tenant: str
    folder: Path

    def goes_on(self, events: int) -> Round:
        """The company works, and the checkpointer signs."""
        fill(self.dsn, self.tenant, events)
        return self.sign()

    def sign(self) -> Round:
        """A round with the real key."""
        return sign(self.dsn, self.folder)

    def keep(self) -> Path:
        """The newest checkpoint, kept by somebody outside."""
        size, _, note = stored(self.dsn, self.tenant)[-1]
        path = self.folder / "kept" / f"{size}.note"
        path.parent.mkdir(exist_ok=True)
        path.write_text(note, encoding="utf-8")
        return path

    def forge(self, *deeds: str) -> None:
        """What a superuser does once the guards are gone."""
        with superuser(self.dsn) as connection:
            connection.execute(UNGUARD_ALL)
            for deed in deeds:
                connection.execute(deed.encode())

    def verify(self, *held: Path, trusted: Path | None = None, workers: int = 1) -> Verified:
        """What `ashiato verify` finds."""
        return verify(self.dsn, checkpoints=held, trusted=trusted, workers=workers)

    def first(self, *held: Path, trusted: Path | None = None) -> tuple[int, str] | None:
        """The first thing that is wrong: the sequence, and what; None when all passes."""
        found = first_faults(self.verify(*held, trusted=trusted))
        assert set(found) <= {self.tenant}
        if not found:
            return None
        fault = found[self.tenant][0]
        return fault.seq, fault.what

    def resigned(self) -> None:
        """Who has the key as well signs whatever is there now, as if nothing else had ever been."""
        self.forge(REHASH, FORGET)
        self.sign()

    def renumber(self, begin: int, by: int) -> None:
        """Events move up or down, with positions and hashes that fit."""
        self.forge(
            f"UPDATE events SET tenant_seq = -tenant_seq, position = -position WHERE tenant_seq >= {begin}",
            f"UPDATE events SET tenant_seq = -tenant_seq + {by}, position = -position + {by} WHERE tenant_seq < 0",
            REHASH,
        )

    def insert(self, seq: int) -> None:
        """A forged event at a sequence that is free, with a hash that fits."""
        stream = uuid7()
        with superuser(self.dsn) as connection:
            connection.execute(UNGUARD_ALL)
            connection.execute(
                "INSERT INTO events SELECT coalesce((SELECT max(position) + 1 FROM events WHERE tenant_seq < %s),"
                " (SELECT max(position) + 1 FROM events)), %s, %s, %s, 1, 'test.happened',"
                " (SELECT coalesce(max(recorded_at), now()) FROM events WHERE tenant_seq < %s), %s, ''",
                (seq, self.tenant, seq, stream, seq, body_of(stream, "forged")),
            )
            connection.execute(REHASH)

    @contextmanager
    def backup(self) -> Iterator["Scene"]:
        """A copy of the database as it is, which is later taken for the real one."""
        name = f"{urlsplit(self.dsn).path[1:]}_backup"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY = file_copy")
        server = urlsplit(self.dsn)._replace(path="/postgres").geturl()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(urlsplit(self.dsn).path[1:])))
        copy = urlsplit(self.dsn)._replace(path=f"/{name}").geturl()
        with superuser(copy) as connection:
            ensure_roles(connection)
        try:
            yield Scene(copy, self.tenant, self.folder)
        finally:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
