"""Live through months of work of some companies, and hand over the keys to look at it with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from os import urandom
from random import Random

from commands.service import CommandService
from domain.ids import MemberId, TenantId
from infra.calendar import japan
from services.bootstrap import PostgresLog, WriteSide
from services.demo.changes import plan_the_changes
from services.demo.companies import CompanyPlan
from services.demo.hours import JAPAN, Hours
from services.demo.ids import Ids
from services.demo.intake import plan_the_calendar
from services.demo.names import names
from services.demo.office import Office
from services.demo.opening import Opening
from services.demo.simulation import Listening, Simulation
from services.demo.staffing import Staffing

MOST_STATES = 100_000
"""States of open runs, and the keys of their subjects, must stay in memory: a command that asks for one comes late."""

Progress = Callable[[int, int], None]
"""Hears how many of how many days were lived through."""


@dataclass(frozen=True, slots=True)
class DemoMember:
    """Someone to look at a company as: `key` is what they send as their API key."""

    member: MemberId
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """A company that was lived through."""

    tenant: TenantId
    name: str
    owner: DemoMember
    manager: DemoMember
    auditor: DemoMember


@dataclass(frozen=True, slots=True)
class Demo:
    """What was made."""

    companies: tuple[DemoCompany, ...]
    commands: int
    events: int


def secret() -> bytes:
    """A key's 256 bits, from the machine."""
    return urandom(32)


async def generate(
    write: WriteSide,
    *,
    seed: int,
    start: datetime,
    end: datetime,
    companies: Sequence[CompanyPlan],
    progress: Progress | None = None,
    secret: Callable[[], bytes] = secret,
) -> Demo:
    """Live from `start` to `end`, which must not lie in the future, nor `start` before the log's last event.

    The same seed, times and companies make the same events, but for the fingerprints of keys and tokens.
    """
    log = Listening(PostgresLog(write.writer, write.reader, write.snapshots, write.duties))
    world = Simulation(log, CommandService(log, japan(), MOST_STATES), Ids(seed), start)
    first, last = start.astimezone(JAPAN).date(), end.astimezone(JAPAN).date()
    staffs = [
        _company(world, plan, Random(f"{seed} {number}"), first, last, secret)  # noqa: S311  # behaviour, no secret
        for number, plan in enumerate(companies)
    ]
    days = (end - start).days
    for day in range(1, days + 1):
        await world.live(start + timedelta(days=day))
        if progress:
            progress(day, days)
    await world.live(end)
    return Demo(tuple(_demo_company(staff) for staff in staffs), world.commands, world.events)


def _company(
    world: Simulation, plan: CompanyPlan, chance: Random, first: date, last: date, secret: Callable[[], bytes]
) -> Staffing:
    """A company whose whole future stands on the agenda, as far as it is not decided by what happens."""
    hours = Hours(japan(), first, last, chance)
    opens = hours.business_day(first, 1)
    office = Office(plan, TenantId(world.ids.new(hours.at(opens, 10))), world, hours, chance)
    staffing = Staffing(office, names(chance), secret)
    Opening(office, staffing, opens).plan()
    plan_the_calendar(office, opens, last)
    plan_the_changes(office, staffing, opens, last)
    return staffing


def _demo_company(staff: Staffing) -> DemoCompany:
    tenant = staff.office.tenant
    active = [m for m in tenant.members.values() if m.status == "active" and m.id in staff.keys]
    people = {m.permission: m for m in reversed(active)}
    owner, manager, auditor = (
        DemoMember(m.id, m.name, staff.keys[m.id]) for m in (people[p] for p in ("owner", "manager", "auditor"))
    )
    return DemoCompany(staff.office.id, tenant.name, owner, manager, auditor)
