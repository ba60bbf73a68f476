"""`ashiato`: start the program or one of its parts, look after it, and fill it with demo companies."""

import signal
import sys
from contextlib import nullcontext, suppress
from enum import StrEnum
from socket import socket
from threading import Event
from types import FrameType
from typing import Annotated

import typer
import uvloop

from projections.catalogue import BY_NAME, PROJECTIONS
from projections.engine import Projection
from services.cli_parts import evidence, exporting, keeping, projections
from services.cli_parts.settings import bar, out
from services.cli_parts.settings import settings_of as _settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

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


@app.command()
def run() -> None:
    """Start everything on our own PostgreSQL, with demo companies when the log is empty."""
    from services.demo.first_run import first_run

    uvloop.run(first_run(_settings(), out))
    out.print("stopped")


@app.command()
def serve(
    projector: Annotated[bool, typer.Option(help="also keep the read models up to date in this process")] = True,
    scheduler: Annotated[bool, typer.Option(help="also do what time brings in this process")] = True,
    checkpoints: Annotated[bool, typer.Option(help="also sign checkpoints of the log in this process")] = True,
    exporter: Annotated[bool, typer.Option(help="also make exports in this process")] = True,
) -> None:
    """Start the HTTP API and the console, on the database of DATABASE_URL or our own."""
    from services.database import lasting_database
    from services.listening import bound, listen
    from services.program import Parts, program, projecting
    from services.projector import Projector
    from services.signing import Signs, signing

    settings = _settings()

    async def ready(address: str) -> None:
        out.print(f"ashiato listens on {address}; `ashiato link` prints links into its console", soft_wrap=True)

    async def serving(dsn: str, at: socket, follows: Projector | None, signs: Signs | None) -> None:
        parts = Parts(scheduler=scheduler, exporter=exporter)
        async with program(dsn, settings, follows, signs, parts) as running:
            await listen(running.app, at, ready, running.feeds.close)

    with (
        bound(settings) as at,
        lasting_database(settings) as dsn,
        projecting(dsn, settings.lead_seconds) if projector else nullcontext() as follows,
        signing(dsn, settings) if checkpoints else nullcontext() as signs,
    ):
        uvloop.run(serving(dsn, at, follows, signs))
    out.print("stopped")


class Origin(StrEnum):
    """What read models follow."""

    LOG = "log"
    KAFKA = "kafka"


@app.command()
def project(
    origin: Annotated[Origin, typer.Option("--from", help="what to follow; start several from kafka")] = Origin.LOG,
) -> None:
    """Keep the read models up to date in a process of its own, until interrupted."""
    if origin == Origin.KAFKA:
        _project_from_kafka()
        return
    from services.database import lasting_database
    from services.program import projecting

    settings = _settings()
    with lasting_database(settings) as dsn, projecting(dsn, settings.lead_seconds), suppress(KeyboardInterrupt):
        # Not by rich: a signal that comes while it prints would make it print twice.
        print("following the log", flush=True)
        Event().wait()
    out.print("stopped")


def _project_from_kafka() -> None:
    from infra.kafka.settings import KafkaSettings
    from services.database import database
    from services.kafka_projector import KafkaProjector

    settings, kafka = _settings(), KafkaSettings.needed()
    with database(settings) as dsn, suppress(KeyboardInterrupt):
        projector = KafkaProjector(dsn, kafka, PROJECTIONS, lead_seconds=settings.lead_seconds)
        projector.start()
        try:
            print(f"following {kafka.topic}", flush=True)  # not by rich, as above
            Event().wait()
        finally:
            projector.stop()
    out.print("stopped")


@app.command()
def relay(
    again: Annotated[bool, typer.Option("--again", help="fill a topic that was made anew, from the start")] = False,
) -> None:
    """Relay the log to Kafka, until interrupted; start several, one relays and the others stand by."""
    from infra.kafka.relaying import Order
    from infra.kafka.settings import KafkaSettings
    from services.database import database
    from services.relay import keep_relaying

    settings, kafka = _settings(), KafkaSettings.needed()
    # Not by rich: a signal that comes while it prints would make it print twice.
    with database(settings) as dsn, suppress(KeyboardInterrupt):
        order = Order(dsn, kafka, again, lead_seconds=settings.lead_seconds)
        keep_relaying(order, lambda: print(f"relaying to {kafka.topic}", flush=True))
    out.print("stopped")


@app.command()
def schedule() -> None:
    """Do what time brings (ends of trials, invitations, billing months) in a process of its own, until interrupted."""
    from services.database import lasting_database
    from services.program import schedule_alone

    # Not by rich: a signal that comes while it prints would make it print twice.
    with lasting_database(_settings()) as dsn, suppress(KeyboardInterrupt):
        uvloop.run(schedule_alone(dsn, lambda: print("waiting for deadlines", flush=True)))
    out.print("stopped")


@app.command()
def exporter() -> None:
    """Make the exports that companies ask for in a process of its own, until interrupted; start several."""
    from services.database import lasting_database
    from services.program import export_alone

    settings = _settings()
    # Not by rich: a signal that comes while it prints would make it print twice.
    with lasting_database(settings) as dsn, suppress(KeyboardInterrupt):
        uvloop.run(export_alone(dsn, settings, lambda: print("waiting for exports", flush=True)))
    out.print("stopped")


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
    workers: Annotated[int, typer.Option(help="processes that replay")] = 2,
    keep: Annotated[bool, typer.Option(help="keep the old tables for a roll back")] = False,
) -> None:
    """Rebuild read models beside the live ones, then put them in their place; readers notice nothing."""
    from services.cli_parts.rebuilding import VERBS, carry_out

    verb = names.pop(0) if names and names[0] in VERBS else None
    carry_out(verb, _chosen(names), workers, keep)


@app.command("verify-projections")
def verify_projections(
    names: Names = None,
    workers: Annotated[int, typer.Option(help="processes that replay")] = 2,
) -> None:
    """Rebuild beside the live tables and compare row by row; exits with 1 when they differ."""
    chosen = _chosen(names)
    from infra.read_store.verify import verify
    from services.database import database

    with database(_settings()) as dsn, bar("comparing", "events") as progress:
        found = verify(dsn, chosen, workers, progress)
    for difference in found:
        out.print(f"{difference.table}: {difference.only_live} only live, {difference.only_rebuilt} only rebuilt")
    out.print("live and rebuilt differ" if found else "live and rebuilt are the same, row by row")
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


@app.command()
def demo(
    events: Annotated[int, typer.Option(help="about how many events to make")] = 10_000,
    seed: Annotated[int, typer.Option(help="the same seed makes the same companies")] = 1,
) -> None:
    """Fill an empty log with companies that live through months of work, by commands."""
    from services.database import database
    from services.demo.command import keep, run_demo

    settings = _settings()
    with database(settings) as dsn:
        made = uvloop.run(run_demo(dsn, seed=seed, events=events))
    keep(settings.data_dir / "demo.json", made)
    out.print(f"its API keys are in {settings.data_dir / 'demo.json'}; `ashiato run` shows it", soft_wrap=True)


@app.command()
def demo_seats(
    english: Annotated[bool, typer.Option("--english", help="in English")] = False,
) -> None:
    """Print a company's year of seats with the reason for each, played on a database that vanishes."""
    from services.demo.seat_year import show_seat_year

    uvloop.run(show_seat_year(out, "en" if english else "ja"))


def _chosen(names: list[str] | None) -> list[Projection]:
    unknown = [name for name in names or [] if name not in BY_NAME]
    if unknown:
        raise typer.BadParameter(f"expected some of {', '.join(BY_NAME)}, but got {', '.join(unknown)}")
    return [BY_NAME[name] for name in names] if names else list(PROJECTIONS)
