"""Days and instants as people write and read them, where the company is."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from queries.asking import AsOf
from services.console.words import Lang, word

FIRST_YEAR = 1990
WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class NotUnderstood(ValueError):
    """Something in the address can't be read; its text is what."""


def read_as_of(text: str, zone: ZoneInfo) -> AsOf | None:
    """`2026-04-06T09:30`, a day (its end) or a sequence such as `#120`; None for nothing. Raises NotUnderstood."""
    text = text.strip()
    if not text:
        return None
    if text.startswith("#"):
        return read_number(text.removeprefix("#"))
    try:
        at = _instant(text, zone)
    except (ValueError, OverflowError):
        raise NotUnderstood(text) from None
    if at.year < FIRST_YEAR:
        raise NotUnderstood(text)
    return at


def read_day(text: str) -> date | None:
    """A day as forms send it; None for nothing. Raises NotUnderstood."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotUnderstood(text) from None


def read_number(text: str, digits: int = 15) -> int:
    """A whole number that a database knows, of so many digits at most. Raises NotUnderstood."""
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise NotUnderstood(text)
    return int(text)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), zone)


def day_text(day: date, lang: Lang) -> str:
    """2026年4月6日(月), or Mon 6 Apr 2026."""
    weekday = WEEKDAYS[lang][day.weekday()]
    if lang == "ja":
        return f"{day.year}年{day.month}月{day.day}日({weekday})"
    return f"{weekday} {day.day} {MONTHS[day.month - 1]} {day.year}"


def month_text(day: date, lang: Lang) -> str:
    """2026年4月, or Apr 2026."""
    return f"{day.year}年{day.month}月" if lang == "ja" else f"{MONTHS[day.month - 1]} {day.year}"


def moment_text(at: datetime, lang: Lang, zone: ZoneInfo) -> str:
    """2026年4月6日(月) 9:30, in the company's time."""
    local = at.astimezone(zone)
    return f"{day_text(local.date(), lang)} {local:%H:%M}"


def distance_text(day: date, today: date, lang: Lang) -> str:
    """How far away a due date is: 3日遅れ, 今日, あと2日."""
    days = (day - today).days
    if days == 0:
        return word(lang, "today")
    if days == -1:
        return word(lang, "day_late")
    if days < 0:
        return word(lang, "days_late", days=-days)
    return word(lang, "in_a_day") if days == 1 else word(lang, "in_days", days=days)


def span_text(hours: int, lang: Lang) -> str:
    """How long something took: in hours below two days, in whole days beyond."""
    return word(lang, "hours", count=hours) if hours < 48 else word(lang, "days", count=hours // 24)


def month_before(day: date) -> date:
    """The first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """In UTC; a time without a zone is the company's, a day is its end."""
    if len(text) == len("2026-04-06"):
        return datetime.combine(date.fromisoformat(text), time.max, zone).astimezone(UTC)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
