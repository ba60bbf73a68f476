"""States as facts: a flat list of names and values, nothing personal among them, and a digest of it.

What facts a company, a procedure and a run have is written down in docs/replay.md, so that others can compute them from
an export without this program; `services/exports/replay.py` does.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from domain.procedures import state as procedures
from domain.runs import state as runs
from domain.tenants.state import Tenant

Value = str | int | bool
Facts = Mapping[str, Value]
"""What holds; what does not has no name here."""


def of_run(run: runs.Run) -> Facts:
    """A run: its status, dates and steps. What people filled in is not among it."""
    return dict(_known(_run(run)))


def of_procedure(procedure: procedures.Procedure) -> Facts:
    """A procedure: its newest version, whether it is retired, and whether a draft lies beside."""
    newest = procedure.versions.get(procedure.version)
    return dict(
        _known([
            ("version", procedure.version),
            ("title", newest.title if newest else None),
            ("steps", len(newest.steps) if newest else None),
            ("retired", procedure.retired),
            ("draft", procedure.draft is not None),
        ])
    )


def of_company(tenant: Tenant) -> Facts:
    """The company: plan, members with what they may do, departments, who holds which role, and whose keys open."""
    return dict(_known(_company(tenant)))


def digest(facts: Facts) -> str:
    """SHA-256 of the facts as JSON: keys sorted, no blanks, UTF-8; in hexadecimal."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def digest_of_all(digests: Mapping[str, str]) -> str:
    """One digest of many streams: of the lines `stream digest`, sorted by stream."""
    return sha256("".join(f"{stream} {digests[stream]}\n" for stream in sorted(digests)).encode()).hexdigest()


def _run(run: runs.Run) -> Iterator[tuple[str, Any]]:
    yield "status", run.status
    yield "procedure", run.procedure
    yield "version", run.procedure_version
    yield "starter", run.starter
    yield "confidential", run.confidential
    for anchor, day in run.anchors.items():
        yield f"anchors.{anchor}", day
    for step, state in run.steps.items():
        yield f"steps.{step}.status", state.status
        yield f"steps.{step}.assignee", state.assignee
        yield f"steps.{step}.due", state.due
        yield f"steps.{step}.by", state.by
        yield f"steps.{step}.on", state.on


def _company(tenant: Tenant) -> Iterator[tuple[str, Any]]:
    yield "plan", tenant.plan
    yield "seats", tenant.seats
    yield "trial_ends_at", tenant.trial_ends_at
    yield "ended", tenant.ended
    yield "pending.at", tenant.pending.at if tenant.pending else None
    yield "pending.plan", tenant.pending.plan if tenant.pending else None
    for department, title in tenant.departments.items():
        yield f"departments.{department}", title
    for member in tenant.members.values():
        yield f"members.{member.id}.status", member.status
        yield f"members.{member.id}.permission", member.permission
        yield f"members.{member.id}.department", member.department
        yield f"members.{member.id}.access_ends_at", member.access_ends_at
    for role, holders in tenant.holders.items():
        yield f"roles.{role}", " ".join(holders) or None
    for key in tenant.keys.values():
        yield f"keys.{key.id}", key.member


def _known(facts: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Value]]:
    """What there is, in the form it has in the log."""
    for name, value in facts:
        if isinstance(value, datetime):
            yield name, _instant(value)
        elif isinstance(value, date):
            yield name, value.isoformat()
        elif value is not None:
            yield name, value


def _instant(at: datetime) -> str:
    """As the log writes instants: in UTC, with microseconds where there are some."""
    return at.isoformat().replace("+00:00", "Z")
