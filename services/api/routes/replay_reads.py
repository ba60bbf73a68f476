"""Replaying: a run step by step, the difference of two moments, and who could see a run then and did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from domain.confidential import may_see_run
from domain.procedures import state as procedures
from domain.refusals import InvalidInput
from domain.replay.changes import Change, changed
from domain.replay.facts import Facts, Value
from domain.runs import state as runs
from domain.tenants import folding
from domain.tenants.permissions import Permission
from queries.looks import Look, looks_at
from services.api import query as q
from services.api.answers import rows
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.replaying import Step, replay
from services.api.routes.asking import events_then, then
from services.api.routes.run_reads import READ, the_run
from services.api.told import LANG, ToldRow, told

MOMENT = {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 0}]}
UUID = {"type": "string", "format": "uuid"}


class Told(Struct, kw_only=True, frozen=True):
    """An event, the facts that it changed, and the digest (SHA-256) of all facts after it."""

    entry: ToldRow
    changes: Sequence[Change]
    state_sha256: str


class RunReplay(Struct, kw_only=True, frozen=True):
    """A run from its start to the moment asked about: its facts then, and how they came about."""

    run: str
    facts: Facts
    state_sha256: str | None
    steps: Sequence[Told]


class NetChange(Struct, kw_only=True, frozen=True):
    """A fact that differs between two moments, and the sequences of the events that changed it in between."""

    name: str
    old: Value | None
    new: Value | None
    by: Sequence[int]


class Difference(Struct, kw_only=True, frozen=True):
    """What differs between the states after two sequences, and the events behind it: by whom, when and why."""

    stream: str
    from_seq: int
    to_seq: int
    changes: Sequence[NetChange]
    events: Sequence[ToldRow]


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Someone who could see a run: as what, and whether they have a part in it."""

    member: str
    name: str
    permission: Permission
    part: bool


class Audience(Struct, kw_only=True, frozen=True):
    """Who could see a run at that moment, and which reads of it were put on record by then (those of auditors)."""

    run: str
    could: Sequence[Onlooker]
    did: Sequence[Look]


async def replay_run(call: Call) -> Answer:
    """A run step by step."""
    when = await then(call)
    found = (await the_run(call, when)).run
    played = await replay(call, found.run_id, 1, await _sequence(call, when.as_of))
    return rows(
        RunReplay(
            run=found.run_id,
            facts=played.after,
            state_sha256=played.steps[-1].digest if played.steps else None,
            steps=await _told(call, played.steps),
        )
    )


async def difference(call: Call) -> Answer:
    """What changed between two moments."""
    begin = await _sequence(call, call.query.get("from", 0))
    end = await _sequence(call, call.query.get("to"))
    if begin > end:
        raise InvalidInput("expected 'from' not to be later than 'to', but it is", field="from")
    stream = call.query.get("stream", call.tenant)
    played = await replay(call, stream, begin + 1, end)
    net = changed(played.before, played.after)
    by = {change.name: [s.entry.seq for s in played.steps if _changes(s, change.name)] for change in net}
    changes = [NetChange(name=one.name, old=one.old, new=one.new, by=by[one.name]) for one in net]
    events = await told(call, [step.entry for step in played.steps if step.changes])
    return rows(Difference(stream=stream, from_seq=begin, to_seq=end, changes=changes, events=events))


async def audience(call: Call) -> Answer:
    """Who could see a run, and who did."""
    when = await then(call)
    found = (await the_run(call, when)).run
    run = runs.fold(await events_then(call, found.run_id, when.as_of))
    tenant = folding.fold(await events_then(call, call.tenant, when.as_of))
    versions = procedures.fold(await events_then(call, found.procedure_id, when.as_of)).versions
    definition = versions[run.procedure_version]
    active = [member for member in tenant.members.values() if member.has_access(when.at)]
    parts = {run.starter, *(who for step in run.steps.values() for who in (step.assignee, step.by))}
    could = [
        Onlooker(member.id, member.name, member.permission, member.id in parts)
        for member in active
        if may_see_run(run, definition, tenant, member)
    ]
    did = await looks_at(call.deps.ask, call.tenant, found.run_id, until=when.at)
    return rows(Audience(run=found.run_id, could=could, did=did))


def _changes(step: Step, name: str) -> bool:
    return any(change.name == name for change in step.changes)


async def _told(call: Call, steps: Sequence[Step]) -> list[Told]:
    entries = await told(call, [step.entry for step in steps])
    return [
        Told(entry=entry, changes=step.changes, state_sha256=step.digest)
        for entry, step in zip(entries, steps, strict=True)
    ]


async def _sequence(call: Call, moment: int | datetime | None) -> int:
    """The sequence that a moment means; now for none."""
    return await call.deps.ask.sequence(call.tenant, call.at if moment is None else moment)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/runs/{run}/replay",
        "replay_run",
        "A run step by step: each event, by whom and why, the facts that it changed with their old and new values, and "
        "a digest of the state after it, which a replay of an export comes to as well.",
        "read_trail",
        replay_run,
        answer=RunReplay,
        query=(LANG, *READ),
    ),
    Endpoint(
        "GET",
        "/v1/runs/{run}/audience",
        "run_audience",
        "Who could see a run at a moment, and who did look: reads are on record for those whose every read is, the "
        "auditors.",
        "read_trail",
        audience,
        answer=Audience,
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/diff",
        "difference",
        "What differs between two moments in the company (plan, members and permissions, roles, departments, keys), a "
        "run or a procedure: each fact with its old and new value, and the events behind it with who and why.",
        "read_trail",
        difference,
        answer=Difference,
        query=(
            Query("from", q.moment("from"), MOMENT, "An instant or a sequence; without it, the very beginning."),
            Query("to", q.moment("to"), MOMENT, "The later moment; without it, now."),
            Query("stream", q.uuid("stream"), UUID, "A run or a procedure; without it, the company."),
            LANG,
            q.WAIT_FOR,
        ),
    ),
)
