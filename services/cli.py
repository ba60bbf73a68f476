"""`ashiato`: start the program or one of its parts, look after it, and fill it with demo companies."""

import signal
import sys
from types import FrameType
from typing import Annotated

import typer
import uvloop

from projections.catalogue import BY_NAME, PROJECTIONS
from projections.engine import Projection
from services.cli_parts import demos, evidence, exporting, keeping, projections, starting
from services.cli_parts.settings import bar, out
from services.cli_parts.settings import settings_of as _settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

app.command()(starting.run)
app.command()(starting.serve)
app.command()(starting.project)
app.command()(starting.relay)
app.command()(starting.schedule)
app.command()(starting.exporter)
app.command()(demos.demo)
app.command()(demos.demo_seats)
app.command()(evidence.checkpoint)
app.add_typer(projections.projections, name="projections")
app.command()(evidence.verify)
app.command()(exporting.export)
app.command()(exporting.state)
app.add_typer(evidence.keys, name="keys")
app.add_typer(evidence.alarms, name="alarms")
app.add_typer(evidence.anchors, name="anchors")
app.add_typer(keeping.erasures, name="erasures")
app.add_typer(keeping.sealing, name="sealing")
app.command()(keeping.retention)
app.command()(keeping.close)

Names = Annotated[list[str] | None, typer.Argument(help="read models; all of them when none is named")]


def main() -> None:
    """What the `ashiato` command runs."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except Exception as error:
        from services.mishaps import sentence

        said = sentence(error)
        if said is None:
            raise
        # Not by rich, which would break the line and take brackets for markup.
        print(said, file=sys.stderr)
        sys.exit(2)


def _interrupt(_: int, __: FrameType | None) -> None:
    """Being asked to end is like Ctrl-C: what was opened is closed."""
    raise KeyboardInterrupt


plan = typer.Typer(no_args_is_help=True, help="What the operator does to a company's plan.")
app.add_typer(plan, name="plan")


@plan.command()
def lapse(
    tenant: Annotated[str, typer.Argument(help="a company, by id or name")],
    reason: Annotated[str, typer.Option(help="why, for whoever reads the trail")],
) -> None:
    """End a company's subscription at once: it is read-only until it chooses a plan."""
    from services.database import database
    from services.lapsing import lapse_by_operator

    with database(_settings()) as dsn:
        lapsed = uvloop.run(lapse_by_operator(dsn, tenant, reason))
    out.print("it is read-only now" if lapsed else "it had lapsed already", soft_wrap=True)


@app.command()
def link(
    tenant: Annotated[str | None, typer.Option(help="a company, by id or name; all when none is named")] = None,
    member: Annotated[str | None, typer.Option(help="a person, by id or e-mail address; otherwise the owners")] = None,
    address: Annotated[str | None, typer.Option(help="where browsers find it; otherwise by the settings")] = None,
) -> None:
    """Print new links into the console of the program that runs on the same database; each opens once."""
    from services.database import database
    from services.link import base_address, make_links

    settings = _settings()
    with database(settings) as dsn:
        links = uvloop.run(make_links(dsn, tenant, member))
    base = (address or base_address(settings)).rstrip("/")
    for made in links:
        print(f"{made.company}  {made.person}  {base}{made.path}")
    print("Each link opens once, within 15 minutes.", file=sys.stderr)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from services.database import database

    with database(_settings()):
        out.print("the database is up to date")


@app.command()
def rebuild(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="prepare, replay, catch-up, go-live, abort, roll-back, drop or status; then read models"),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="processes that replay")] = 2,
    keep: Annotated[bool, typer.Option(help="keep the old tables for a roll back")] = False,
) -> None:
    """Rebuild read models beside the live ones, then put them in their place; readers notice nothing."""
    from services.cli_parts.rebuilding import VERBS, carry_out

    verb = names.pop(0) if names and names[0] in VERBS else None
    carry_out(verb, _chosen(names), workers, keep)


@app.command("verify-projections")
def verify_projections(
    names: Names = None,
    workers: Annotated[int, typer.Option(min=1, help="processes that replay")] = 2,
) -> None:
    """Rebuild beside the live tables and compare row by row; exits with 1 when they differ."""
    chosen = _chosen(names)
    from infra.read_store.verify import verify
    from services.cli_parts.comparing import tell
    from services.database import database

    with database(_settings()) as dsn, bar("comparing", "events") as progress:
        found = verify(dsn, chosen, workers, progress)
    tell(found)
    raise typer.Exit(1 if found else 0)


@app.command()
def doctor() -> None:
    """Look at the log, the read models and the database, and say what is wrong; exits with 1 when something is."""
    from infra.kafka.settings import KafkaSettings
    from services.database import database
    from services.doctor import examine

    settings, kafka = _settings(), KafkaSettings.from_environment()
    with database(settings, broken=True) as dsn, bar("reading", "events") as progress:
        findings = examine(dsn, progress)
        if kafka is not None:
            from services.doctor_of_kafka import examine_kafka

            findings += examine_kafka(dsn, kafka)
    for finding in findings:
        mark = "[green]ok [/]" if finding.well else "[red]BAD[/]"
        out.print(f"{mark} {finding.text}", soft_wrap=True)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


@app.command()
def asyncapi() -> None:
    """Print the AsyncAPI document of what the relay sends."""
    from services.asyncapi import encoded

    print(encoded().decode(), end="")


def _chosen(names: list[str] | None) -> list[Projection]:
    unknown = [name for name in names or [] if name not in BY_NAME]
    if unknown:
        raise typer.BadParameter(f"expected some of {', '.join(BY_NAME)}, but got {', '.join(unknown)}")
    return [BY_NAME[name] for name in names] if names else list(PROJECTIONS)
