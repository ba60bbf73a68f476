"""A company that worked for a while, its log signed twice, and a bundle of it."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from commands.runs import Comment
from domain.ids import StepId
from infra.evidence.keyring import signing_key
from infra.evidence.keys import Signer
from infra.evidence.known import Key
from infra.evidence.rounds import sign_round
from infra.roles import ROLES, as_role
from services.exports.bundle import Made, export
from services.exports.wanted import FORMATS, Asked, Wanted
from tests.queries.chance import runs_by_chance
from tests.queries.playing import PURCHASE, Company, world

AT = datetime(2026, 11, 25, 9, 0, 0, 123456, tzinfo=UTC)
FORMULA = "=HYPERLINK(\"x\")\n<&>'\""


@dataclass(frozen=True)
class Scene:
    """A database with a company's log, the ids that tests ask for, and a key and a checkpoint kept elsewhere."""

    dsn: str
    tenant: str
    other: str
    run: str
    procedure: str
    key: str
    older: Path
    folder: Path

    def wanted(self, **how: object) -> Wanted:
        """An export of the company."""
        return replace(Wanted(self.tenant), **how)  # type: ignore[arg-type]

    def made(self, name: str, **how: object) -> Made:
        """Make one; `at` is always the same."""
        return export(self.dsn, self.wanted(**how), Asked("m-1", "監査 花子", AT, "export-1"), self.folder / name)


async def play(dsn: str) -> tuple[Company, Company, str, str]:
    """Two companies; the first one's run and procedure that are asked for."""
    async with world(dsn) as w:
        company = await runs_by_chance(w, 11, turns=60)
        procedure = await company.publish(PURCHASE)
        run = await company.start(procedure, "=対象", company.today)
        await company.do(Comment(run, StepId("request"), FORMULA), reason="＝理由")
        other = await w.company()
        await company.hire("あと から")
    return company, other, run, procedure


def signed(connection: psycopg.Connection[Any], key: Key, signer: Signer) -> None:
    """Checkpoints of all that is new."""
    while (done := sign_round(connection, key.name, [signer])) and done.more:
        pass


@pytest.fixture(scope="module")
def scene(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all tests of a module: none of them writes to the log."""
    folder = tmp_path_factory.mktemp("exports")
    older = folder / "older-checkpoint"
    company, other, run, procedure = asyncio.run(play(module_database))
    with psycopg.connect(as_role(module_database, ROLES.signer), autocommit=True) as connection:
        key, signer = signing_key(connection, folder / "key.pem", "ashiato.test")
        signed(connection, key, signer)
        note = connection.execute("SELECT note FROM checkpoints WHERE tenant_id = %s", (company.tenant,)).fetchone()
        older.write_text(note[0] if note else "", encoding="utf-8")
        verifier = str(key.verifier(company.tenant))

        async def more() -> None:
            async with world(module_database) as w:
                company.world = w
                company.later(days=400)
                await company.hire("さらに あと")

        asyncio.run(more())
        signed(connection, key, signer)
    yield Scene(module_database, company.tenant, other.tenant, run, procedure, verifier, older, folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def whole(scene: Scene) -> Made:
    """Everything, in every format."""
    return scene.made("whole", formats=FORMATS)
