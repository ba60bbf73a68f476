"""What work comes in, and when: by the calendar, or with the day's post, most of it around the month's end."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from services.demo.forms import TEXTS
from services.demo.hours import month_end_after, month_ends
from services.demo.names import FIRMS
from services.demo.office import Office

SETTLING = timedelta(days=9)
"""How long a company needs before its first runs begin."""


def plan_the_calendar(office: Office, start: date, end: date) -> None:
    """Everything that comes round with the calendar between two days, and each day's post."""
    first = start + SETTLING
    for month_end in month_ends(first, end + timedelta(days=31)):
        _closing(office, month_end, first, end)
        if month_end.month % 3 == 0:
            _access_review(office, month_end, first, end)
        if month_end.month == 10:
            _once(office, date(month_end.year, 10, 1), first, end, "hr-3", "labor", f"{month_end.year}年分 年末調整",
                  year_end=date(month_end.year, 12, 31))  # fmt: skip
        if month_end.month == 3:
            meeting = office.hours.before(date(month_end.year, 6, 25))
            _once(office, month_end - timedelta(days=4), first, end, "ga-1", "general-affairs",
                  f"{month_end.year}年3月期 定時株主総会", fiscal_year_end=month_end, meeting=meeting)  # fmt: skip
    for day in office.hours.between(first, end):
        office.put(office.hours.at(day, 8, 45), lambda at: _post(office, at))


def _closing(office: Office, month_end: date, first: date, end: date) -> None:
    begins = office.hours.business_day(office.hours.before(month_end), -5)
    subject = f"{month_end.year}年{month_end.month}月度"
    _once(office, begins, first, end, "fin-1", "accounting", subject, month_end=month_end)


def _access_review(office: Office, quarter_end: date, first: date, end: date) -> None:
    begins = office.hours.business_day(office.hours.before(quarter_end), -12)
    subject = f"{quarter_end.year}年{quarter_end.month}月末 全システム"
    _once(office, begins, first, end, "it-2", "it", subject, quarter_end=quarter_end)


def _once(
    office: Office, day: date, first: date, end: date, code: str, role: str, subject: str, **anchors: date
) -> None:
    begins = office.hours.business_day(day)
    if first <= begins <= end:
        office.begin(office.hours.on(begins), code, role, subject, **anchors)


def _post(office: Office, at: datetime) -> None:
    """The runs that begin on this day."""
    today = office.hours.today(at)
    for code, a_month in office.plan.a_month.items():
        usual = a_month / 21 * (_peak(office, today) if code == "fin-2" else 1.0)
        for _ in range(_number(office, usual)):
            role, subject, anchors = POST[code](office, today)
            office.begin(office.hours.on(today), code, role, subject, **anchors)


def _peak(office: Office, today: date) -> float:
    """Invoices arrive with the end of a month and the beginning of the next."""
    if today.day <= 5 or office.hours.business_day(today, 3).month != today.month:
        return 2.4
    return 0.4


def _number(office: Office, usual: float) -> int:
    """A number around `usual`, which it is on average."""
    return int(usual * (0.5 + office.chance.random()) + office.chance.random())


Coming = tuple[str, str, dict[str, date]]
"""Who starts the run, its subject, and its anchors."""


def _invoice(office: Office, today: date) -> Coming:
    due = office.hours.before(month_end_after(today, 1))
    subject = f"{office.chance.choice(FIRMS)} {today.month}月分請求書"
    return "accounting", subject, {"received": today, "payment_due": due}


def _contract(office: Office, today: date) -> Coming:
    kind = office.chance.choice(("業務委託契約", "売買基本契約", "秘密保持契約", "賃貸借契約"))
    return "requester", f"{kind}({office.chance.choice(FIRMS)})", {"requested": today}


def _renewal(office: Office, today: date) -> Coming:
    expiry = today + timedelta(days=office.chance.randrange(122, 150))
    subject = f"{office.chance.choice(FIRMS)} 基本契約({expiry.month}月{expiry.day}日満了)"
    return "legal", subject, {"expiry": expiry}


def _purchase(office: Office, today: date) -> Coming:
    needed = office.hours.business_day(today + timedelta(days=office.chance.randrange(14, 35)))
    return "requester", office.chance.choice(TEXTS["item"]), {"requested": today, "needed": needed}


def _computer(office: Office, today: date) -> Coming:
    use_from = office.hours.business_day(today + timedelta(days=office.chance.randrange(15, 30)))
    place = office.chance.choice(list(office.plan.departments.values()))
    return "it", f"{place} 入替用PC", {"use_from": use_from}


def _trouble(office: Office, today: date) -> Coming:
    return "requester", office.chance.choice(TEXTS["trouble"]), {"asked": today}


POST: Mapping[str, Callable[[Office, date], Coming]] = {
    "fin-2": _invoice,
    "leg-1": _contract,
    "leg-2": _renewal,
    "ga-2": _purchase,
    "it-1": _computer,
    "help": _trouble,
}
