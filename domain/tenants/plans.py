"""The plans and the trial: dated data, so that a later price changes no past month."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.refusals import InvalidInput

TRIAL_DAYS = 15
TRIAL_SEATS = 50
INVITATION_DAYS = 7


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan as sold from `since` on: yen a month, seats included (None: as the contract says)."""

    name: str
    title: str
    yen_a_month: int
    seats: int | None
    since: date


CATALOGUE = (
    Plan("lite", "ライト", 30_000, 20, date(2024, 1, 1)),
    Plan("standard", "スタンダード", 45_000, 50, date(2024, 1, 1)),
    Plan("pro", "プロ", 60_000, 100, date(2024, 1, 1)),
    Plan("enterprise", "エンタープライズ", 100_000, None, date(2024, 1, 1)),
)


def plan_on(name: str, day: date) -> Plan:
    """The plan of that name as sold on that day; refused when there is none."""
    sold = [plan for plan in CATALOGUE if plan.name == name and plan.since <= day]
    if not sold:
        known = ", ".join(sorted({plan.name for plan in CATALOGUE}))
        raise InvalidInput(f"expected one of the plans {known}, but got {name!r}", plan=name)
    return max(sold, key=lambda plan: plan.since)


def trial_end(signed_up: datetime, time_zone: str) -> datetime:
    """The end of the 15th day, the day of sign-up being the first, in the tenant's time zone."""
    zone = ZoneInfo(time_zone)
    last_day = signed_up.astimezone(zone).date() + timedelta(days=TRIAL_DAYS)
    return datetime.combine(last_day, time(), zone).astimezone(ZoneInfo("UTC"))
