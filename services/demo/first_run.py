"""`make run`: demo companies on the first start, then the program, and how to look at it."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from infra.read_store.live import Live, connect
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from services.bootstrap import write_side
from services.database import lasting_database
from services.demo.command import keep
from services.demo.companies import AOBA, MIDORI
from services.demo.generator import Demo, generate
from services.listening import bound, listen
from services.program import Parts, Program, program, projecting
from services.signing import signing

MONTHS_DAYS = 300
SEED = 7


async def first_run(settings: Settings, out: Console) -> None:
    """Make sure of a database and demo companies, start everything, and print the address, keys and links."""
    with ExitStack() as stack:
        at = stack.enter_context(bound(settings))
        if not settings.database_url:
            out.print("starting PostgreSQL …")
        dsn = stack.enter_context(lasting_database(settings))
        kept = settings.data_dir / "demo.json"
        if _is_empty(dsn):
            keep(kept, await _live_through(dsn, out))
            _project(dsn, out)
        projector = stack.enter_context(projecting(dsn))
        signs = stack.enter_context(signing(dsn, settings))
        async with program(dsn, settings, projector, signs, Parts(scheduler=True, exporter=True)) as running:
            await listen(running.app, at, lambda address: _welcome(out, address, running, kept), running.feeds.close)


def _is_empty(dsn: str) -> bool:
    with connect(dsn) as connection:
        return connection.execute("SELECT 1 FROM events LIMIT 1").fetchone() is None


async def _live_through(dsn: str, out: Console) -> Demo:
    end = datetime.now(UTC)
    with Progress(console=out) as bar:
        task = bar.add_task("two companies at work", total=None)
        async with write_side(dsn) as write:
            return await generate(
                write,
                seed=SEED,
                start=end - timedelta(days=MONTHS_DAYS),
                end=end,
                companies=(AOBA, MIDORI),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )


def _project(dsn: str, out: Console) -> None:
    with Live(dsn, PROJECTIONS) as live, Progress(console=out) as bar:
        task = bar.add_task("read models", total=None)
        while live.step():
            bar.update(task, completed=live.position)
        bar.update(task, completed=live.position, total=live.position)


async def _welcome(out: Console, address: str, running: Program, kept: Path) -> None:
    out.print(f"\nAshiato listens on [bold]{address}[/], its API is described at {address}/docs\n", soft_wrap=True)
    companies = _kept_companies(kept)
    for company in companies:
        out.print(f"[bold]{company['name']}[/]")
        for role in ("owner", "manager", "auditor"):
            member = company[role]
            link = await running.links.issue(company["tenant"], member["member"], datetime.now(UTC))
            out.print(f"  {role:8} {member['name']}  {address}{link}", soft_wrap=True)
        out.print(f"  API key of the owner: {company['owner']['key']}\n", soft_wrap=True)
    once = "Each link opens the console once, within 15 minutes; " if companies else "Links into the console: "
    out.print(f"{once}`make link` or `ashiato link` prints new ones. Press Ctrl-C to stop.", soft_wrap=True)


def _kept_companies(kept: Path) -> list[dict[str, Any]]:
    """The demo's companies and their keys; none when the log was filled otherwise."""
    return list(json.loads(kept.read_text(encoding="utf-8"))["companies"]) if kept.exists() else []
