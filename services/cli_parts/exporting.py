"""`ashiato export`: a company's log, or some of it, as a bundle that anyone can verify."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from domain.tenants.export_events import Format
from services.cli_parts.settings import bar, out, settings_of
from services.exports.wanted import FORMATS, Asked, Wanted

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def export(
    tenant: Annotated[str, typer.Argument(help="a company's id")],
    folder: Annotated[Path, typer.Argument(help="a new folder for the bundle")],
    formats: Annotated[str, typer.Option(help="views beside the evidence, with commas between")] = ",".join(FORMATS),
    since: Annotated[datetime | None, typer.Option(help="only what was recorded then or later (UTC)")] = None,
    until: Annotated[datetime | None, typer.Option(help="only what was recorded before then (UTC)")] = None,
    procedure: Annotated[str | None, typer.Option(help="only of this procedure and its runs")] = None,
    run: Annotated[str | None, typer.Option(help="only of this run")] = None,
    lang: Annotated[str, typer.Option(help="of the report: ja or en")] = "ja",
    personal: Annotated[bool, typer.Option(help="also personal data in the views")] = True,
    by: Annotated[str, typer.Option(help="who exports, for the record in the bundle")] = "the operator",
) -> None:
    """Write a company's log up to its newest checkpoint as a bundle: evidence, views, and what verifies it."""
    from infra.ids import uuid7
    from services.database import database
    from services.exports.bundle import export as make

    chosen = tuple(name for name in formats.split(",") if name)
    wanted = Wanted(
        _id("TENANT", tenant),
        _formats(chosen),
        _utc(since),
        _utc(until),
        _id("--procedure", procedure) if procedure else None,
        _id("--run", run) if run else None,
        _lang(lang),
        personal,
    )
    asked = Asked("operator", by, datetime.now(UTC), uuid7())
    with database(settings_of()) as dsn, bar("exporting", "events") as progress:
        made = make(dsn, wanted, asked, folder, progress)
    out.print(f"{made.events:,} events up to checkpoint {made.size:,} are in {made.folder}", soft_wrap=True)
    out.print(f"verify it: python3 {made.folder / 'data' / 'verify.py'} --key …", soft_wrap=True)


def state(
    tenant: Annotated[str, typer.Argument(help="a company's id")],
    seq: Annotated[int | None, typer.Option(min=1, help="the last event that counts; without it, all")] = None,
) -> None:
    """Print the digest of everything that held after an event: a replay of an export must come to the same."""
    from services.database import database
    from services.exports.states import state as state_of

    with database(settings_of()) as dsn:
        found = state_of(dsn, _id("TENANT", tenant), seq)
    print(f"state of all after event {found.seq}: {found.digest}")


def _id(name: str, text: str) -> str:
    if UUID.fullmatch(text.lower()):
        return text.lower()
    raise typer.BadParameter(f"expected a UUID for {name}, but got another")


def _formats(chosen: tuple[str, ...]) -> tuple[Format, ...]:
    found = tuple(name for name in FORMATS if name in chosen)
    if len(found) == len(set(chosen)):
        return found
    raise typer.BadParameter(f"expected some of {', '.join(get_args(Format))} for --formats, but got others")


def _lang(text: str) -> Literal["ja", "en"]:
    if text == "ja":
        return "ja"
    if text == "en":
        return "en"
    raise typer.BadParameter("expected ja or en for --lang, but got another")


def _utc(at: datetime | None) -> datetime | None:
    return at and (at if at.tzinfo else at.replace(tzinfo=UTC))
