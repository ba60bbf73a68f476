"""`ashiato demo-seats`: live a company's year on a database that vanishes, and print its seats with their reasons."""

from collections.abc import Iterator
from datetime import date, datetime
from types import NoneType
from typing import get_args
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table

from commands.request import Request
from commands.service import CommandService
from domain.ids import CommandId, TenantId
from domain.refusals import Refusal
from domain.services import SCHEDULER
from domain.tenants.plan_events import PlanEvent
from infra.embedded_postgres import EmbeddedPostgres
from infra.migrations import migrate
from infra.read_store.live import Live
from projections.catalogue import PROJECTIONS
from queries.asking import Ask
from queries.seat_entries import seat_entries
from queries.seat_ledger import LedgerMonth, seat_ledger
from queries.trail import TrailFilter, trail
from services.bootstrap import read_side, write_side
from services.console.moments import moment_text, month_text
from services.console.seat_words import seat_words
from services.console.telling import Telling, day_reader, moment_reader
from services.console.words import PLANS, Lang, term, word
from services.demo.ids import Ids
from services.demo.seat_story import ZONE, Cast, story

FIRST, LAST = date(2024, 4, 1), date(2025, 3, 1)
END = datetime.fromisoformat("2025-04-01T00:00:00+09:00")
BESIDE = (
    "tenant.trial_started",
    "tenant.plan_chosen",
    "command.refused",
    *(kind.type for kind in get_args(PlanEvent)),
)
"""What is told between the entries although it moves no seat: what the limit was, and what was refused."""
MOST = 10_000

Line = tuple[datetime, int, str, str, str, str | None, str]
"""When, the event's sequence, the change, seats held after it, the sentence, the reason, and the events' numbers."""


async def show_seat_year(console: Console, lang: Lang = "ja") -> None:
    """Play the story and print it: the months first, then every entry."""
    with EmbeddedPostgres.temporary() as server:
        migrate(server.dsn)
        async with write_side(server.dsn) as write:
            tenant = await play(write.commands)
        with Live(server.dsn, PROJECTIONS) as live:
            while live.step():
                pass
        async with read_side(server.dsn) as read:
            months = await seat_ledger(read.ask, tenant, first=FIRST, last=LAST, time_zone=ZONE, at=END)
            lines = await _lines(read.ask, tenant, lang)
    console.print(_months(months, lang))
    for line in _entries(lines, lang):
        console.print(line, soft_wrap=True, markup=False)


async def play(commands: CommandService) -> TenantId:
    """Carry the story out on a simulated clock; the company. What is to be refused must be."""
    ids = Ids(1)
    start = story()[0].at
    tenant, cast = TenantId(ids.new(start)), Cast({SCHEDULER.japanese: SCHEDULER.id}, lambda: ids.new(start))
    for act in story():
        command, actor = act.make(cast), cast.id(act.by)
        request = Request(tenant, CommandId(ids.new(act.at)), act.at, actor, reason=act.reason, simulated=True)
        refused = None
        try:
            await commands.execute(request, command)
        except Refusal as refusal:
            refused = refusal
        if type(refused) is not (act.refused or NoneType):
            raise AssertionError(f"expected {act.refused} of {command.name}, but got {refused!r}")
    return tenant


async def _lines(ask: Ask, tenant: str, lang: Lang) -> list[Line]:
    """The ledger's entries, and beside them what else is worth knowing, in order."""
    zone = ZoneInfo(ZONE)

    def moment(at: datetime) -> str:
        return moment_text(at, lang, zone)

    lines: list[Line] = []
    for line in await seat_entries(ask, tenant, at=END, limit=MOST):
        sentence, parts = seat_words(line, lang, moment)
        change = ("±0", "+1", "−1")[line.change]
        seqs = f"#{line.seq}" + (f" #{line.noted_seq}" if line.noted_seq else "")
        lines.append(
            (line.at, line.seq, change, str(line.held), sentence.format_map(parts), line.reason, seqs)
        )
    telling = Telling(lang, {}, moment_reader(moment), day_reader(date.isoformat))
    for entry in await trail(ask, tenant, where=TrailFilter(types=BESIDE), newest_first=False, limit=MOST):
        told = telling.sentence(entry).striptags()
        lines.append((entry.recorded_at, entry.seq, "", "", told, entry.reason, f"#{entry.seq}"))
    return sorted(lines, key=lambda line: line[0])


def _months(months: list[LedgerMonth], lang: Lang) -> Table:
    """A table that fits into 80 columns."""
    table = Table(title=f"{word(lang, 'seat_year')} · {ZONE}", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    for key in ("month", "opening", "joined_gone", "closing", "peak", "seat_days", "limit"):
        table.add_column(word(lang, key), justify="left" if key in ("month", "limit") else "right", no_wrap=True)
    zone = ZoneInfo(ZONE)
    for month in months:
        plan = term(PLANS, lang, month.plan) if month.plan else word(lang, "trial")
        on = f" ({month.peak_at.astimezone(zone):%m-%d})" if month.peak_at else ""
        table.add_row(
            month_text(month.month, lang),
            str(month.opening),
            f"+{month.joined} −{month.gone}",
            str(month.closing),
            f"{month.peak}{on}",
            f"{month.seat_days:,.1f}",
            f"{month.limit if month.limit is not None else word(lang, 'no_limit')} {plan}",
        )
    table.caption = word(lang, "seat_days_hint")
    return table


def _entries(lines: list[Line], lang: Lang) -> Iterator[str]:
    """A line for each entry, whole however narrow the screen is; its reason on another."""
    zone = ZoneInfo(ZONE)
    yield f"{word(lang, 'seat_entries_all')}: " + " · ".join(
        word(lang, key) for key in ("when", "seat_change", "seats_after", "what", "because")
    )
    width = max((cell_len(moment_text(line[0], lang, zone)) for line in lines), default=0)
    for at, _, change, held, sentence, reason, seqs in lines:
        moment = set_cell_size(moment_text(at, lang, zone), width)
        yield f"{moment}  {change:>2}  {held:>3}  {sentence}  {seqs}"
        if reason:
            yield f"{' ' * width}           {word(lang, 'why')}: {reason}"
