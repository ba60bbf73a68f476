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
    """One plan as sold from `since` on: yen a month, seats included.

    None says that the contract sets its own cap, of at least `least`, or none.
    """

    name: str
    title: str
    yen_a_month: int
    seats: int | None
    since: date
    least: int = 0


CATALOGUE = (
    Plan("lite", "ライト", 30_000, 20, date(2024, 1, 1)),
    Plan("standard", "スタンダード", 45_000, 50, date(2024, 1, 1)),
    Plan("pro", "プロ", 60_000, 100, date(2024, 1, 1)),
    Plan("enterprise", "エンタープライズ", 100_000, None, date(2024, 1, 1), least=101),
)


def plan_on(name: str, day: date) -> Plan:
    """The plan of that name as sold on that day; refused when there is none."""
    sold = [plan for plan in CATALOGUE if plan.name == name and plan.since <= day]
    if not sold:
        known = ", ".join(sorted({plan.name for plan in CATALOGUE}))
        raise InvalidInput(f"expected one of the plans {known}, but got another", field="plan")
    return max(sold, key=lambda plan: plan.since)


def catalogue_on(day: date) -> list[Plan]:
    """The plans as sold on that day, in the catalogue's order."""
    names = dict.fromkeys(plan.name for plan in CATALOGUE if plan.since <= day)
    return [plan_on(name, day) for name in names]


def check_seats(plan: Plan, asked: int | None) -> int | None:
    """The limit of seats under a plan (None: no limit); refused when they were asked for and the plan sets them."""
    if plan.seats is None:
        if asked is not None and asked < plan.least:
            raise InvalidInput(
                f"expected at least {plan.least} seats, or no limit, for {plan.name}, but got {asked}", field="seats"
            )
        return asked
    if asked is not None:
        raise InvalidInput(
            f"expected no number of seats for {plan.name}, which has {plan.seats}, but got one", field="seats"
        )
    return plan.seats


def is_fewer(seats: int | None, than: int | None) -> bool:
    """True when a limit of seats is below another; None is no limit."""
    return seats is not None and (than is None or seats < than)


def trial_end(signed_up: datetime, time_zone: str) -> datetime:
    """The end of the 15th day, the day of sign-up being the first, in the tenant's time zone."""
    zone = ZoneInfo(time_zone)
    return _midnight(signed_up.astimezone(zone).date() + timedelta(days=TRIAL_DAYS), zone)


def month_end(at: datetime, time_zone: str) -> datetime:
    """The end of the billing month, which is the calendar month in the tenant's time zone: the next one's beginning."""
    zone = ZoneInfo(time_zone)
    day = at.astimezone(zone).date()
    year, month = divmod(day.year * 12 + day.month, 12)
    return _midnight(date(year, month + 1, 1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(ZoneInfo("UTC"))
