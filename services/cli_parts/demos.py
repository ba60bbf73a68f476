"""Companies to look at, made by commands."""

from typing import Annotated

import typer
import uvloop

from services.cli_parts.settings import out, settings_of


def demo(
    events: Annotated[int, typer.Option(help="about how many events to make")] = 10_000,
    seed: Annotated[int, typer.Option(help="the same seed makes the same companies")] = 1,
) -> None:
    """Fill an empty log with companies that live through months of work, by commands."""
    from services.database import database
    from services.demo.command import keep, run_demo

    settings = settings_of()
    with database(settings) as dsn:
        made = uvloop.run(run_demo(dsn, seed=seed, events=events))
    keep(settings.data_dir / "demo.json", made)
    out.print(f"its API keys are in {settings.data_dir / 'demo.json'}; `ashiato run` shows it", soft_wrap=True)


def demo_seats(
    english: Annotated[bool, typer.Option("--english", help="in English")] = False,
) -> None:
    """Print a company's year of seats with the reason for each, played on a database that vanishes."""
    from services.demo.seat_year import show_seat_year

    uvloop.run(show_seat_year(out, "en" if english else "ja"))
