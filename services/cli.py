"""`ashiato`: start the program or one of its parts, look after it, and fill it with demo companies."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from infra.settings import Settings, SettingsError
from projections.catalogue import BY_NAME, PROJECTIONS
from projections.engine import Projection

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
out = Console(highlight=False)

Names = Annotated[list[str] | None, typer.Argument(help="read models; all of them when none is named")]


def main() -> None:
    """What the `ashiato` command runs."""
    try:
        app()
    except SettingsError as problem:
        out.print(str(problem), style="red")
        sys.exit(2)


@app.command()
def run() -> None:
    """Start everything on our own PostgreSQL, with demo companies when the log is empty."""
    from services.demo.first_run import first_run

    settings = _settings()
    uvloop.run(first_run(settings, out))


@app.command()
def serve(
    projector: Annotated[bool, typer.Option(help="also keep the read models up to date in this process")] = True,
) -> None:
    """Start the HTTP API and the console, on the database of DATABASE_URL or our own."""
    from services.database import database
    from services.program import program, projecting
    from services.program import serve as serve_program
    from services.projector import Projector

    settings = _settings()

    async def serving(dsn: str, projector: Projector | None) -> None:
        async with program(dsn, settings, projector) as running:
            await serve_program(running, settings, lambda address: out.print(f"ashiato listens on {address}"))

    with database(settings) as dsn, projecting(dsn) if projector else nullcontext() as follows:
        uvloop.run(serving(dsn, follows))


@app.command()
def project() -> None:
    """Keep the read models up to date in a process of its own, until interrupted."""
    from signal import SIGINT, SIGTERM, sigwait

    from services.database import database
    from services.program import projecting

    with database(_settings()) as dsn, projecting(dsn):
        out.print("following the log")
        sigwait((SIGINT, SIGTERM))


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from infra.migrations import migrate as run_migrations
    from services.database import database

    settings = _settings()
    if settings.database_url:
        applied = run_migrations(settings.database_url)
        out.print(f"applied {len(applied)} migrations")
        return
    with database(settings):
        out.print("our own database is up to date")


@app.command()
def rebuild(
    names: Names = None,
    workers: Annotated[int, typer.Option(help="processes that replay")] = 2,
) -> None:
    """Rebuild read models beside the live ones, then put them in their place; readers notice nothing."""
    chosen = _chosen(names)
    from infra.read_store.rebuild import rebuild as run_rebuild
    from services.database import database

    with database(_settings()) as dsn, _bar("rebuilding", "events") as progress:
        events = run_rebuild(dsn, chosen, workers, progress)
    out.print(f"rebuilt {', '.join(p.name for p in chosen)} from {events:,} events")


@app.command("verify-projections")
def verify_projections(
    names: Names = None,
    workers: Annotated[int, typer.Option(help="processes that replay")] = 2,
) -> None:
    """Rebuild beside the live tables and compare row by row; exits with 1 when they differ."""
    chosen = _chosen(names)
    from infra.read_store.verify import verify
    from services.database import database

    with database(_settings()) as dsn, _bar("comparing", "events") as progress:
        found = verify(dsn, chosen, workers, progress)
    for difference in found:
        out.print(f"{difference.table}: {difference.only_live} only live, {difference.only_rebuilt} only rebuilt")
    out.print("live and rebuilt differ" if found else "live and rebuilt are the same, row by row")
    raise typer.Exit(1 if found else 0)


@app.command()
def doctor() -> None:
    """Look at the log, the read models and the database, and say what is wrong; exits with 1 when something is."""
    from services.database import database
    from services.doctor import examine

    with database(_settings()) as dsn:
        findings = examine(dsn)
    for finding in findings:
        out.print(f"[{'green' if finding.well else 'red'}]{'ok ' if finding.well else 'BAD'}[/] {finding.text}")
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


@app.command()
def demo(
    events: Annotated[int, typer.Option(help="about how many events to make")] = 10_000,
    seed: Annotated[int, typer.Option(help="the same seed makes the same companies")] = 1,
) -> None:
    """Fill an empty log with companies that live through months of work, by commands."""
    from services.database import database
    from services.demo.command import run_demo

    with database(_settings()) as dsn:
        uvloop.run(run_demo(dsn, seed=seed, events=events))


def _settings() -> Settings:
    """The environment's settings; from here on the program logs as they say."""
    from services.logs import configure

    settings = Settings.from_environment()
    configure(settings.log_format, settings.log_level)
    return settings


def _chosen(names: list[str] | None) -> list[Projection]:
    unknown = [name for name in names or [] if name not in BY_NAME]
    if unknown:
        raise typer.BadParameter(f"expected some of {', '.join(BY_NAME)}, but got {', '.join(unknown)}")
    return [BY_NAME[name] for name in names] if names else list(PROJECTIONS)


class _bar:  # noqa: N801  # used like a function
    """A progress bar that hears how many of how many are done."""

    def __init__(self, what: str, unit: str) -> None:
        columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()]
        columns += [MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn()]
        self._progress = Progress(*columns, console=out)
        self._what = what

    def __enter__(self) -> Callable[[int, int], None]:
        self._progress.start()
        task = self._progress.add_task(self._what, total=None)
        return lambda done, total: self._progress.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
