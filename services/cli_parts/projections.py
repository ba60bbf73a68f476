"""`ashiato projections`: where the read models stand, and trying streams again that wait."""

from time import monotonic, sleep
from typing import Annotated
from uuid import UUID

import typer

from services.cli_parts.settings import settings_of

projections = typer.Typer(invoke_without_command=True, help="Where the read models stand; `retry` after a mend.")
PATIENCE = 30.0
"""Seconds to wait for the leaders."""
LOOK_EVERY = 0.2


@projections.callback()
def show(context: typer.Context) -> None:
    """Print who leads which partition, how far it is behind, and which streams wait; exits with 1 when some do."""
    if context.invoked_subcommand is not None:
        return
    from infra.read_store.live import connect
    from infra.read_store.standing import Standing, standing_now
    from services.database import database

    with database(settings_of(), broken=True) as dsn, connect(dsn) as connection:
        found: Standing = standing_now(connection)
    for one in found.partitions:
        place = f"{one.name}/{one.partition}" if one.source != "log" else one.name
        leader = one.leader or "nobody yet"
        print(f"{place}  {one.lag:,} behind at {one.position:,}  epoch {one.epoch}  led by {leader}")
    for topic in found.topics:
        print(f"topic {topic.topic}  {topic.lag:,} behind at {topic.position:,}")
    for waits in found.parked:
        where = f"{waits.projection}  tenant {waits.tenant}  stream {waits.stream}"
        event = f"its event {waits.version} (seq {waits.seq}, {waits.type})"
        since = f"since {waits.parked_at:%Y-%m-%d %H:%M:%S}Z, tried {waits.tries} times"
        print(f"PARKED {where}  from {event} {since}: {waits.error}")
    raise typer.Exit(1 if found.parked else 0)


@projections.command()
def retry(
    projection: Annotated[str | None, typer.Option(help="streams of this read model only")] = None,
    tenant: Annotated[str | None, typer.Option(help="streams of this company only, by its id")] = None,
    stream: Annotated[str | None, typer.Option(help="this stream only, by its id")] = None,
) -> None:
    """Have the leading projectors try parked streams again; exits with 1 when some still wait."""
    from infra.read_store.live import connect
    from infra.read_store.standing import ask_again, standing_now
    from services.database import database

    for given in filter(None, (tenant, stream)):
        if not is_id(given):
            raise typer.BadParameter(f"expected an id like 0198c1e5-7f40-7abc-8def-000000000001, but got {given}")
    with database(settings_of(), broken=True) as dsn, connect(dsn) as connection:
        asked = ask_again(connection, projection, tenant, stream)
        until = monotonic() + PATIENCE
        while any(one.asked for one in standing_now(connection).parked) and monotonic() < until:
            sleep(LOOK_EVERY)
        left = standing_now(connection).parked
    unheard = sum(one.asked for one in left)
    if unheard:
        print(f"{unheard} of {asked} were not tried yet: no projector leads; the next one tries them as it begins")
    print(f"tried {asked - unheard} of the parked streams; {len(left)} wait" if asked else "no such stream waits")
    raise typer.Exit(1 if left else 0)


def is_id(text: str) -> bool:
    """Whether it can be the id of anything."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
