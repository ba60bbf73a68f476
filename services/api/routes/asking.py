"""What questions have in common: a point in time, pages, and states folded from a stream."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct

from domain.events import Event
from domain.services import SERVICES
from domain.tenants.folding import fold
from domain.tenants.state import Tenant
from queries.asking import AsOf, Placed
from queries.instant import instant_of
from queries.plan import PlanStepRow
from queries.seen import Viewer
from queries.trail import TrailRow
from services import past
from services.api.answers import rows
from services.api.call import Answer, Call
from services.api.query import cursor
from services.viewing import viewer_of

USUAL = 100

R = TypeVar("R")
S = TypeVar("S")
A = TypeVar("A", TrailRow, PlanStepRow)


class Page(Struct, Generic[R], kw_only=True, frozen=True):
    """Some of a list; `next` is the cursor of what follows, null at the end."""

    items: Sequence[R]
    next: str | None


class All(Struct, Generic[R], kw_only=True, frozen=True):
    """The whole of a list."""

    items: Sequence[R]


@dataclass(frozen=True, slots=True)
class Then:
    """The point in time that is asked about: None is now; `today` is the day where the company is."""

    as_of: AsOf | None
    at: datetime
    today: date


async def then(call: Call) -> Then:
    """When the question is about."""
    as_of: AsOf | None = call.query.get("as_of")
    at = as_of if isinstance(as_of, datetime) else call.at
    if isinstance(as_of, int):
        # Before the first event there is no instant, and nothing that a day would tell apart.
        at = await instant_of(call.deps.ask, call.tenant, as_of) or call.at
    return Then(as_of, at, call.known.tenant.today(at))


def limit(call: Call) -> int:
    """How many rows are wanted."""
    return int(call.query.get("limit", USUAL))


def page(found: Sequence[Placed], most: int) -> Answer:
    """A page of rows that were asked for one more than wanted: so it is known whether more follow."""
    items = found[:most]
    following = cursor(items[-1].after) if len(found) > most else None
    return rows(Page(items=items, next=following))


def viewer(call: Call) -> Viewer | None:
    """Whose part in what is confidential counts; None for those who see all."""
    return viewer_of(call.known.tenant, call.known.member)


def named(found: Iterable[A]) -> list[A]:
    """The same rows; where a service acted, with its name."""
    names: dict[str, str] = {service.id: service.english for service in SERVICES.values()}
    return [replace(row, actor_name=name) if (name := names.get(row.actor or "")) else row for row in found]


async def events_then(call: Call, stream: str, as_of: AsOf | None) -> Sequence[Event]:
    """A stream's events, all of them or those there were then."""
    return await past.events_then(call.deps.ask, call.deps.streams, call.tenant, stream, as_of)


async def state_then(call: Call, folded: Callable[[Iterable[Any]], S], now: S) -> S:
    """The company's own state as it was, or as it is known to be now."""
    as_of = call.query.get("as_of")
    return now if as_of is None else folded(await events_then(call, call.tenant, as_of))


async def company_then(call: Call) -> Tenant:
    """The company as it was, or as it is now."""
    return await state_then(call, fold, call.known.tenant)
