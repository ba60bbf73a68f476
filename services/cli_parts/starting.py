"""Starting the program, or one of its parts alone."""

from contextlib import nullcontext, suppress
from enum import StrEnum
from socket import socket
from threading import Event
from typing import Annotated

import typer
import uvloop

from projections.catalogue import PROJECTIONS
from services.cli_parts.settings import out, settings_of


def run() -> None:
    """Start everything on our own PostgreSQL, with demo companies when the log is empty."""
    from services.demo.first_run import first_run

    uvloop.run(first_run(settings_of(), out))
    out.print("stopped")


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

    settings = settings_of()

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


def project(
    origin: Annotated[Origin, typer.Option("--from", help="what to follow; start several from kafka")] = Origin.LOG,
) -> None:
    """Keep the read models up to date in a process of its own, until interrupted."""
    if origin == Origin.KAFKA:
        _project_from_kafka()
        return
    from services.database import lasting_database
    from services.program import projecting
    from services.watching import watched

    settings = settings_of()
    with (
        lasting_database(settings) as dsn,
        projecting(dsn, settings.lead_seconds) as projector,
        watched(settings, projector),
        suppress(KeyboardInterrupt),
    ):
        # Not by rich: a signal that comes while it prints would make it print twice.
        print("following the log", flush=True)
        Event().wait()
    out.print("stopped")


def _project_from_kafka() -> None:
    from infra.kafka.settings import KafkaSettings
    from services.database import database
    from services.kafka_projector import KafkaProjector
    from services.watching import watched

    settings, kafka = settings_of(), KafkaSettings.needed()
    with (
        database(settings) as dsn,
        KafkaProjector(dsn, kafka, PROJECTIONS, lead_seconds=settings.lead_seconds) as projector,
        watched(settings, projector),
        suppress(KeyboardInterrupt),
    ):
        print(f"following {kafka.topic}", flush=True)  # not by rich, as above
        Event().wait()
    out.print("stopped")


def relay(
    again: Annotated[bool, typer.Option("--again", help="fill a topic that was made anew, from the start")] = False,
) -> None:
    """Relay the log to Kafka, until interrupted; start several, one relays and the others stand by."""
    from infra.kafka.relaying import Order
    from infra.kafka.settings import KafkaSettings
    from services.database import database
    from services.relay import keep_relaying

    settings, kafka = settings_of(), KafkaSettings.needed()
    # Not by rich: a signal that comes while it prints would make it print twice.
    with database(settings) as dsn, suppress(KeyboardInterrupt):
        order = Order(dsn, kafka, again, lead_seconds=settings.lead_seconds)
        keep_relaying(order, lambda: print(f"relaying to {kafka.topic}", flush=True), settings)
    out.print("stopped")


def schedule() -> None:
    """Do what time brings (ends of trials, invitations, billing months) in a process of its own, until interrupted."""
    from services.database import lasting_database
    from services.program import schedule_alone

    # Not by rich: a signal that comes while it prints would make it print twice.
    with lasting_database(settings_of()) as dsn, suppress(KeyboardInterrupt):
        uvloop.run(schedule_alone(dsn, lambda: print("waiting for deadlines", flush=True)))
    out.print("stopped")


def exporter() -> None:
    """Make the exports that companies ask for in a process of its own, until interrupted; start several."""
    from services.database import lasting_database
    from services.program import export_alone

    settings = settings_of()
    # Not by rich: a signal that comes while it prints would make it print twice.
    with lasting_database(settings) as dsn, suppress(KeyboardInterrupt):
        uvloop.run(export_alone(dsn, settings, lambda: print("waiting for exports", flush=True)))
    out.print("stopped")
