"""Seats counted anew from the log's raw rows, knowing nothing of folds, ledgers or the domain: slow, and short."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg

SEATED = {"owner", "admin", "manager", "member", "partner"}
TICK = timedelta(microseconds=1)
ALL = 2**62

RAW = "SELECT tenant_seq, recorded_at, type, body FROM events WHERE tenant_id = %s ORDER BY tenant_seq"


@dataclass(frozen=True)
class Raw:
    """A row of the log."""

    seq: int
    at: datetime
    type: str
    data: dict[str, Any]


def raw_events(dsn: str, tenant: str) -> list[Raw]:
    """All of a company's rows."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(RAW, (tenant,)).fetchall()
    return [Raw(seq, at, kind, json.loads(body)["data"]) for seq, at, kind, body in rows]


def holders(log: Sequence[Raw], at: datetime, seq: int = ALL) -> dict[str, str]:
    """Who holds a seat at an instant, and whether as invited or active."""
    people: dict[str, dict[str, Any]] = {}
    for row in log:
        if row.at > at or row.seq > seq:
            break
        _happened(people, row.type.removeprefix("tenant."), row.data)
    there = {who: person for who, person in people.items() if person["may"] in SEATED}
    return {
        who: person["is"]
        for who, person in there.items()
        if person["is"] == "active" or (person["is"] == "invited" and at < person["ends"])
    }


def _happened(people: dict[str, dict[str, Any]], what: str, data: dict[str, Any]) -> None:
    match what:
        case "member_joined":
            people[data["member"]] = {"is": "active", "may": data["permission"]}
        case "member_provisioned":
            people[data["member"]] = {"is": "active" if data["active"] else "gone", "may": data["permission"]}
        case "member_invited":
            ends = datetime.fromisoformat(data["expires_at"])
            people[data["member"]] = {"is": "invited", "may": data["permission"], "ends": ends}
        case "invitation_accepted" | "member_reactivated":
            people[data["member"]]["is"] = "active"
        case "invitation_expired" | "member_deactivated":
            people[data["member"]]["is"] = "gone"
        case "permission_changed":
            people[data["member"]]["may"] = data["new"]


def limit(log: Sequence[Raw], at: datetime, seq: int = ALL) -> int | None:
    """How many seats there are at an instant; None is no limit."""
    then = (row for row in log if row.at <= at and row.seq <= seq)
    known = [row.data["seats"] for row in then if row.type in ("tenant.trial_started", "tenant.plan_chosen")]
    return known[-1] if known else 0


def expiries(log: Sequence[Raw]) -> list[datetime]:
    """When invitations ran out, or would have."""
    invited = (row.data for row in log if row.type == "tenant.member_invited")
    return sorted({datetime.fromisoformat(data["expires_at"]) for data in invited})


def instants(log: Sequence[Raw]) -> list[datetime]:
    """Every instant at which the number of seats may change."""
    return sorted({*(row.at for row in log), *expiries(log)})


@dataclass(frozen=True)
class Month:
    """What a month's figures are."""

    opening: int
    peak: int
    peak_at: datetime | None
    closing: int
    invited: int
    joined: int
    gone: int
    seat_us: int
    invited_us: int


def month(log: Sequence[Raw], start: datetime, end: datetime, at: datetime) -> Month:
    """The figures of a span, as far as it had come at `at`."""
    until = min(end, at)
    known = [row for row in log if row.at <= at]
    points = sorted({start, *(i for i in instants(known) if start < i < end and i <= at)})
    counted = [(point, holders(known, point)) for point in points]
    spans = [(held, (b - a) // TICK) for (a, held), (b, _) in pairwise([*counted, (until, {})])]
    last = holders(known, min(end - TICK, at))
    peak = max(len(held) for _, held in counted)
    joined, gone = _moves(known, start, end, at)
    return Month(
        opening=len(holders(known, start - TICK)),
        peak=peak,
        peak_at=next(point for point, held in counted if len(held) == peak) if peak else None,
        closing=len(last),
        invited=_invited(last),
        joined=joined,
        gone=gone,
        seat_us=sum(len(held) * length for held, length in spans),
        invited_us=sum(_invited(held) * length for held, length in spans),
    )


def _invited(held: dict[str, str]) -> int:
    return sum(kind == "invited" for kind in held.values())


def _moves(log: Sequence[Raw], start: datetime, end: datetime, at: datetime) -> tuple[int, int]:
    """How many seats were taken and given back, one event or expiry after the other."""
    steps = [(holders(log, row.at, row.seq - 1), holders(log, row.at, row.seq)) for row in log if start <= row.at < end]
    for ends in expiries(log):
        if start <= ends < end and ends <= at:
            before = [row for row in log if row.at < ends]
            steps.append((holders(before, ends - TICK), holders(before, ends)))
    return (
        sum(len(after.keys() - before.keys()) for before, after in steps),
        sum(len(before.keys() - after.keys()) for before, after in steps),
    )
