"""What auditors ask first: who may do what since when, who approved own work, what came late, what was corrected."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from domain.ids import MemberId
from domain.replay.access import Since, Standing, review
from domain.services import SERVICES
from queries.own_work import OwnWorkRow, own_work
from queries.trail import TrailFilter, search
from services.api import query as q
from services.api import sheets
from services.api.answers import rows
from services.api.call import Answer, Call, InPieces
from services.api.endpoint import Endpoint, Query
from services.api.query import cursor
from services.api.replaying import entries_of
from services.api.routes.asking import Then, limit, named, then
from services.api.routes.run_reads import BIG, READ
from services.api.routes.trail_reads import TrailPage
from services.api.told import LANG, told
from services.dossier import definitions_of

CORRECTIONS = (
    "run.step_reopened",
    "run.step_sent_back",
    "run.step_rejected",
    "run.step_reassigned",
    "run.step_skipped",
    "run.due_date_changed",
    "run.cancelled",
    "tenant.handover_undone",
    "tenant.permission_changed",
    "tenant.access_end_set",
)
"""Types of events by which somebody changes what was so already."""
DAYS = {"type": "integer", "minimum": 0, "maximum": 3650, "default": 1}
COLUMNS = ("member", "name", "status", "status_since", "status_by", "permission", "permission_since", "permission_by",
           "permission_why", "permission_seq", "department", "access_ends_at", "roles", "keys")  # fmt: skip


class Told(Struct, kw_only=True, frozen=True):
    """Since when, by whom, why, and by which event."""

    seq: int
    at: datetime
    by: str | None
    by_name: str | None
    reason: str | None


class Reviewed(Struct, kw_only=True, frozen=True):
    """What a member may do, each part since an event; `keys` is how many open for them."""

    member: str
    name: str
    status: str
    status_since: Told
    permission: str
    permission_since: Told
    department: str | None
    access_ends_at: datetime | None
    roles: dict[str, Told]
    keys: int


class Review(Struct, kw_only=True, frozen=True):
    """Everyone who is or was a member, as of `at`."""

    at: datetime
    members: Sequence[Reviewed]


class OwnWork(Struct, kw_only=True, frozen=True):
    """An approval by who had worked on the same run. `barred`: the procedure forbids it, so there must be none."""

    found: OwnWorkRow
    barred: bool


class OwnWorkPage(Struct, kw_only=True, frozen=True):
    """Some findings; `barred` counts those of this page that the procedure forbids."""

    items: Sequence[OwnWork]
    barred: int
    next: str | None


async def access_review(call: Call) -> Answer | InPieces:
    """Who may do what, since when, by whom."""
    when = await then(call)
    members = await _reviewed(call, when)
    if sheets.wants_sheet(call):
        return sheets.sheet("access-review", _lines(members, ZoneInfo(call.known.tenant.time_zone)))
    return rows(Review(at=when.at, members=members), [(b"vary", b"accept")])


async def separation(call: Call) -> Answer:
    """Who approved what they had worked on."""
    when, most = await then(call), limit(call)
    found = await own_work(
        call.deps.ask, call.tenant, limit=most + 1, after=call.query.get("cursor"), as_of=when.as_of
    )
    items = found[:most]
    wanted = {(row.procedure_id, row.procedure_version) for row in items}
    definitions = await definitions_of(call.deps.streams, call.known.tenant_id, wanted)
    told_of: list[OwnWork] = []
    for row in items:
        steps = {s.id: s for s in definitions[row.procedure_id, row.procedure_version].steps}
        approval = next(step for name, step in steps.items() if name == row.approval)
        told_of.append(OwnWork(found=row, barred=row.step in approval.not_same_actor_as))
    following = cursor(items[-1].after) if len(found) > most else None
    return rows(OwnWorkPage(items=told_of, barred=sum(one.barred for one in told_of), next=following))


async def late_entries(call: Call) -> Answer:
    """What was recorded later than it happened, as claimed."""
    return await _searched(call, TrailFilter(late_days=call.query.get("days", 1)))


async def corrections(call: Call) -> Answer:
    """What was changed after it was so."""
    return await _searched(call, TrailFilter(types=CORRECTIONS))


async def _searched(call: Call, where: TrailFilter) -> Answer:
    found = await search(
        call.deps.ask,
        call.tenant,
        where=where,
        newest_first=False,
        limit=limit(call),
        after=call.query.get("cursor"),
        as_of=call.query.get("as_of"),
    )
    following = None if found.looked is None else cursor(found.looked)
    resume = following or cursor(max(found.last, call.query.get("cursor", 0)))
    return rows(TrailPage(items=await told(call, named(found.entries)), next=following, resume=resume))


async def _reviewed(call: Call, when: Then) -> list[Reviewed]:
    last = await call.deps.ask.sequence(call.tenant, call.at if when.as_of is None else when.as_of)
    entries = [e for e in await entries_of(call, call.tenant, 1, last, when.as_of) if e.stream_id == call.tenant]
    events = (await call.deps.streams(call.known.tenant_id, {call.tenant: 0}))[call.tenant][: len(entries)]
    since = [Since(e.seq, e.recorded_at, MemberId(e.actor) if e.actor else None, e.reason) for e in entries]
    names = {member.id: member.name for member in call.known.tenant.members.values()}
    names |= {service.id: service.english for service in SERVICES.values()}
    return [_of(one, names) for one in review(zip(events, since, strict=True))]


def _of(one: Standing, names: dict[MemberId, str]) -> Reviewed:
    def tell(since: Since) -> Told:
        by_name = names.get(since.by) if since.by else None
        return Told(seq=since.seq, at=since.at, by=since.by, by_name=by_name, reason=since.reason)

    return Reviewed(
        member=one.member,
        name=names.get(one.member, ""),
        status=one.status,
        status_since=tell(one.status_since),
        permission=one.permission,
        permission_since=tell(one.permission_since),
        department=one.department,
        access_ends_at=one.access_ends_at,
        roles={role: tell(since) for role, since in one.roles.items()},
        keys=one.keys,
    )


async def _lines(members: Sequence[Reviewed], zone: ZoneInfo) -> AsyncIterator[bytes]:
    yield sheets.titled(COLUMNS) + sheets.lines((_cells(one) for one in members), zone)


def _cells(one: Reviewed) -> list[object]:
    return [
        one.member,
        one.name,
        one.status,
        one.status_since.at,
        one.status_since.by_name,
        one.permission,
        one.permission_since.at,
        one.permission_since.by_name,
        one.permission_since.reason,
        one.permission_since.seq,
        one.department,
        one.access_ends_at,
        " ".join(one.roles),
        one.keys,
    ]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/audit/access-review",
        "access_review",
        "Who may do what: each member's status, permission, roles and keys, since when, by whom, why, and "
        "by which event; now or as of any moment. JSON, or CSV (`Accept: text/csv`).",
        "read_trail",
        access_review,
        answer=Review,
        also=(sheets.MEDIA,),
        query=(sheets.FORMAT, *READ),
    ),
    Endpoint(
        "GET",
        "/v1/audit/separation-of-duties",
        "separation_of_duties",
        "Approvals by someone who had done an earlier step of the same run. Those that a procedure bars (`barred`) "
        "are refused when they are tried, so there must be none.",
        "read_trail",
        separation,
        answer=OwnWorkPage,
        query=(q.LIMIT, q.cursor_of(tuple[str, str, str]), *READ),
    ),
    Endpoint(
        "GET",
        "/v1/audit/late-entries",
        "late_entries",
        "What was recorded so many days, or more, after it is claimed to have happened.",
        "read_trail",
        late_entries,
        answer=TrailPage,
        query=(
            Query("days", q.whole("days", 0, 3650), DAYS, "At least so many times 24 hours."),
            LANG,
            q.LIMIT,
            q.cursor_of(Annotated[BIG, Meta()]),
            *READ,
        ),
    ),
    Endpoint(
        "GET",
        "/v1/audit/corrections",
        "corrections",
        "What was changed after it was so: steps reopened, sent back, refused, given to others or skipped, due dates "
        "and permissions changed, handovers undone; each with who and why.",
        "read_trail",
        corrections,
        answer=TrailPage,
        query=(LANG, q.LIMIT, q.cursor_of(Annotated[BIG, Meta()]), *READ),
    ),
)
