"""Reads of what a company keeps: who was erased, what is on hold, how long runs are kept, and which need not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.personal import ERASED
from domain.tenants.folding import fold
from domain.tenants.keeping import EVERY_OTHER, Keeping
from queries.erasures import ErasureRow, erasures
from queries.holds import HoldRow, holds
from queries.past_retention import PastRetentionRow, past_retention
from services.api import query as q
from services.api.answers import rows
from services.api.bodies import Uuid
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint
from services.api.routes.asking import Page, limit, page, state_then, then
from services.api.routes.run_reads import BIG, READ


@dataclass(frozen=True, slots=True)
class Period:
    """For how many years runs are kept after their end; of all others where `procedure` is null."""

    procedure: str | None
    years: int


@dataclass(frozen=True, slots=True)
class Retention:
    """The periods, and until when the keys stay once the company's end was announced."""

    periods: Sequence[Period]
    keys_until: datetime | None
    closed: bool


async def list_erasures(call: Call) -> Answer:
    """Who was erased."""
    when, most = await then(call), limit(call)
    found = await erasures(
        call.deps.ask, call.tenant, limit=most + 1, after=call.query.get("cursor"), as_of=when.as_of
    )
    return page(found, most)


async def list_holds(call: Call) -> Answer:
    """What is, or was, on hold."""
    when, most = await then(call), limit(call)
    found = await holds(call.deps.ask, call.tenant, limit=most + 1, after=call.query.get("cursor"), as_of=when.as_of)
    return page(found, most)


async def get_retention(call: Call) -> Answer:
    """The periods."""
    await then(call)
    keeping = await _keeping(call)
    periods = [Period(procedure or None, years) for procedure, years in sorted(keeping.years.items())]
    return rows(Retention(periods, keeping.keys_until, keeping.closed))


async def list_past_retention(call: Call) -> Answer:
    """Runs whose period is over."""
    when, most = await then(call), limit(call)
    keeping = await _keeping(call)
    found = await past_retention(
        call.deps.ask,
        call.tenant,
        years={procedure: years for procedure, years in keeping.years.items() if procedure},
        others=keeping.years.get(EVERY_OTHER),
        erased=ERASED,
        today=when.today,
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def _keeping(call: Call) -> Keeping:
    tenant = await state_then(call, fold, await call.deps.commands.tenant(call.tenant, max_age=0.0))
    return tenant.keeping


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/erasures",
        "list_erasures",
        "Who was erased, by id: when, by whom and why; the newest first.",
        "read_trail",
        list_erasures,
        answer=Page[ErasureRow],
        query=(q.LIMIT, q.cursor_of(BIG), *READ),
    ),
    Endpoint(
        "GET",
        "/v1/holds",
        "list_holds",
        "Legal holds, the newest first, released ones among them.",
        "read_trail",
        list_holds,
        answer=Page[HoldRow],
        query=(q.LIMIT, q.cursor_of(BIG), *READ),
    ),
    Endpoint(
        "GET",
        "/v1/retention",
        "get_retention",
        "For how many years (保存期間) runs are kept, by procedure; and the company's end, when it was announced.",
        "read_trail",
        get_retention,
        answer=Retention,
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/retention/past",
        "list_past_retention",
        "Runs whose period is over and whose subject is still named: nothing happens to them by itself, "
        "`POST /v1/erasures` erases whom they are about.",
        "read_trail",
        list_past_retention,
        answer=Page[PastRetentionRow],
        query=(q.LIMIT, q.cursor_of(Uuid), *READ),
    ),
)
