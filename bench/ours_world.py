"""Our side's world: one company, one procedure with as many steps as the workload asks for, and runs of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import uvloop

from bench.workload import MEMBERS, Workload, step_id, values
from commands import procedures, runs, tenants
from commands.request import Receipt, Request
from domain.ids import CommandId, FieldId, MemberId, ProcedureId, RoleId, RunId, StepId, TenantId
from domain.procedures.definition import Definition, Field, FieldKind, Role, Step
from infra.event_store.snapshots import open_state, seal_state
from infra.ids import uuid7
from infra.keys.subject_keys import SubjectKeys
from infra.migrations import migrate
from services.api.keys import KEY, issue
from services.bootstrap import WriteSide, write_side

KINDS: dict[str, FieldKind] = {
    "start_date": "date",
    "monthly_salary": "amount",
    "checked": "check",
    "number": "number",
}
COPIES = """
    WITH template AS (SELECT * FROM events WHERE tenant_id = %(tenant)s AND stream_id = %(template)s),
         head AS (SELECT max(position) AS position, max(tenant_seq) AS seq FROM events),
         run AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1, %(count)s) n),
         copied AS (
             INSERT INTO events
             SELECT head.position + row_number() OVER w, tenant_id, head.seq + row_number() OVER w, run.id, version,
                    type, recorded_at, body, leaf_hash
             FROM head, run, template WINDOW w AS (ORDER BY run.n, template.version))
    SELECT id::text FROM run
"""
SNAPSHOT = "SELECT version, fold, state FROM snapshots WHERE tenant_id = %s AND stream_id = %s"
KEEP = "COPY snapshots (tenant_id, stream_id, version, fold, state) FROM STDIN"
KEYS_AT_ONCE = 500


@dataclass(frozen=True)
class World:
    """A company whose members each have a key; `template` is a run with the workload's history."""

    tenant: TenantId
    members: tuple[MemberId, ...]
    keys: tuple[str, ...]
    template: RunId


def definition(members: tuple[MemberId, ...], steps: int) -> Definition:
    """A procedure whose steps follow one another, each member's in turn."""
    pairs = zip(MEMBERS, members, strict=True)
    roles = tuple(Role(RoleId(name), name, "member", member=member) for name, member in pairs)
    fields = tuple(Field(FieldId(name), name, KINDS.get(name, "text")) for name in values(0))
    chain = [StepId(step_id(n)) for n in range(steps)]
    made = tuple(
        Step(name, name, roles[n % len(roles)].id, after=tuple(chain[max(0, n - 1) : n]), fields=fields)
        for n, name in enumerate(chain)
    )
    return Definition("入社手続き", "hr", made, roles)  # type: ignore[arg-type]  # a department's slug


@asynccontextmanager
async def world(dsn: str, workload: Workload) -> AsyncIterator[tuple[WriteSide, World]]:
    """Make the company and its template run by commands; the write side stays open."""
    migrate(dsn)
    async with write_side(dsn) as write:
        made = await _company(write)
        await _template(write, made, workload)
        await write.snapshots.stop()
        yield write, made


def request(tenant: TenantId, actor: MemberId) -> Request:
    """A fresh request, as the HTTP edge makes one."""
    return Request(tenant, CommandId(uuid7()), datetime.now(UTC), actor, request_hash=HASH)


HASH = bytes(32)


async def complete(write: WriteSide, made: World, run: str, step: int) -> Receipt:
    """Load, decide, append."""
    command = runs.CompleteStep(RunId(run), StepId(step_id(step)), values(step))
    return await write.commands.execute(request(made.tenant, made.members[step % len(made.members)]), command)


def copy_runs(dsn: str, made: World, count: int) -> list[str]:
    """`count` runs with the template's history, copied in the database: seeding is outside the clock.

    A state that was kept is sealed for each run, as it would be if the run had been lived. Where there is none, the
    subject in a run's first event stays sealed for the template, and reads as erased.
    """
    given = {"tenant": made.tenant, "template": made.template, "count": count}
    with psycopg.connect(dsn, autocommit=True) as connection:
        copies = [run for (run,) in connection.execute(COPIES, given)]
        kept = connection.execute(SNAPSHOT, (made.tenant, made.template)).fetchone()
        if kept:
            states = uvloop.run(_sealed(dsn, made, copies, kept[2]))
            with connection.cursor().copy(KEEP) as to:
                for run, state in zip(copies, states, strict=True):
                    to.write_row((made.tenant, run, *kept[:2], state))
    return copies


async def _sealed(dsn: str, made: World, copies: Sequence[str], kept: bytes) -> list[bytes]:
    """The template's state, sealed under the key of each copy."""
    keys = SubjectKeys(dsn)
    try:
        own = (await keys.of(made.tenant, [made.template]))[made.template]
        state = open_state("run", kept, made.tenant, made.template, own)
        states: list[bytes] = []
        for first in range(0, len(copies), KEYS_AT_ONCE):
            some = copies[first : first + KEYS_AT_ONCE]
            of = await keys.for_writing(made.tenant, some)
            states += [seal_state(state, made.tenant, run, of[run]) for run in some]
        return states
    finally:
        await keys.stop()


async def _company(write: WriteSide) -> World:
    tenant, members = TenantId(uuid7()), tuple(MemberId(uuid7()) for _ in MEMBERS)
    ids = [uuid7() for _ in MEMBERS]
    keys = [issue(KEY, tenant, key) for key in ids]
    owner = members[0]
    signing = tenants.SignUp(
        "青葉", "Asia/Tokyo", owner, MEMBERS[0], "owner@aoba.example", ids[0], keys[0].sha256
    )
    await write.commands.execute(request(tenant, owner), signing)
    for name, member, key, issued in list(zip(MEMBERS, members, ids, keys, strict=True))[1:]:
        token = uuid4().hex * 2
        invite = tenants.InviteMember(member, name, f"{name}@aoba.example", "member", None, token)
        await write.commands.execute(request(tenant, owner), invite)
        accept = tenants.AcceptInvitation(member, token, key, issued.sha256)
        await write.commands.execute(request(tenant, member), accept)
    return World(tenant, members, tuple(issued.text for issued in keys), RunId(uuid7()))


async def _template(write: WriteSide, made: World, workload: Workload) -> None:
    owner, procedure = made.members[0], ProcedureId(uuid7())
    draft = procedures.SaveDraft(procedure, definition(made.members, workload.steps))
    await write.commands.execute(request(made.tenant, owner), draft)
    await write.commands.execute(request(made.tenant, owner), procedures.PublishProcedure(procedure))
    start = runs.StartRun(made.template, procedure, "山田 太郎", {})
    receipt = await write.commands.execute(request(made.tenant, owner), start)
    for step in range(workload.done):
        receipt = await complete(write, made, made.template, step)
    if receipt.version != workload.seeded:
        raise ValueError(f"expected {workload.seeded} events to begin with, but there are {receipt.version}")

