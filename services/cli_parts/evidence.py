"""`ashiato checkpoint`, `keys`, `verify` and `alarms`: signing, checking what was signed, and what was wrong."""

from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
import uvloop

from services.cli_parts.settings import bar, out, settings_of


def checkpoint(
    once: Annotated[bool, typer.Option("--once", help="sign what is new, then end")] = False,
) -> None:
    """Sign checkpoints of every company's log, and anchor them, in a process of its own, until interrupted."""
    from services.checkpointer import sign_all
    from services.database import database, database_as_it_is
    from services.signing import signing

    settings = settings_of()
    if once:
        with database_as_it_is(settings) if settings.database_url else database(settings) as dsn:
            done = sign_all(dsn, settings)
        out.print(f"signed {done.checkpoints:,} checkpoints of {done.events:,} new events", soft_wrap=True)
        raise typer.Exit(1 if done.misfits else 0)
    # Not by rich: a signal that comes while it prints would make it print twice.
    with database_as_it_is(settings) as dsn, signing(dsn, settings), suppress(KeyboardInterrupt):
        print("signing checkpoints", flush=True)
        Event().wait()
    out.print("stopped")


keys = typer.Typer(no_args_is_help=True, help="The keys that sign checkpoints.")


@keys.command("list")
def list_keys(
    tenant: Annotated[str | None, typer.Option(help="a company's id: its verifier keys, as C2SP writes them")] = None,
) -> None:
    """Print the public keys that sign or have signed, with their times."""
    from services.checkpointer import known_keys
    from services.database import database

    with database(settings_of()) as dsn:
        found = known_keys(dsn)
    for key in found:
        shown = str(key.verifier(tenant)) if tenant else f"{key.name}  {key.public.hex()}"
        until = f"until {key.valid_until:%Y-%m-%d %H:%M:%S}" if key.valid_until else "now"
        print(f"{shown}  {key.valid_from:%Y-%m-%d %H:%M:%S} {until} UTC  {key.reason}")


@keys.command("change")
def change_keys(
    reason: Annotated[str, typer.Option(help="why, for whoever reads the list of keys")],
    lost: Annotated[bool, typer.Option("--lost", help="the old key is not there to sign along")] = False,
) -> None:
    """Sign with a new key from now on; the newest checkpoints are signed again by both."""
    from services.checkpointer import change
    from services.database import database

    settings = settings_of()
    with database(settings) as dsn:
        made = change(dsn, settings, reason, lost=lost)
    out.print(f"{made.name} signs with {made.public.hex()} from now on; publish it", soft_wrap=True)


def verify(
    tenant: Annotated[str | None, typer.Option(help="a company's id; all of them otherwise")] = None,
    checkpoint: Annotated[list[Path] | None, typer.Option(help="a checkpoint that was kept outside, as a file")] = None,
    anchors: Annotated[list[Path] | None, typer.Option(help="a folder of checkpoints that were kept outside")] = None,
    key: Annotated[Path | None, typer.Option(help="verifier keys from outside, one a line; no other counts")] = None,
    workers: Annotated[int, typer.Option(help="processes that hash")] = 2,
) -> None:
    """Hash the stored events anew and compare them with all that was signed; exits with 1 when something differs."""
    from infra.evidence.verifying import first_faults
    from services.database import database
    from services.verifying import verify as run_verify

    with database(settings_of(), broken=True) as dsn, bar("hashing", "events") as progress:
        found = run_verify(
            dsn,
            tenant=tenant,
            checkpoints=checkpoint or (),
            anchors=anchors or (),
            trusted=key,
            workers=workers,
            progress=progress,
        )
    for of, faults in first_faults(found).items():
        for fault in faults:
            print(f"BAD company {of}, sequence {fault.seq}: {fault.what}")
    print(
        f"{found.events:,} events of {found.tenants:,} companies hashed; {found.checkpoints:,} checkpoints of the "
        f"database and {found.outside:,} from outside compared; {found.unsigned:,} events not signed yet"
    )
    print("something differs from what was signed" if found.count else "all of it is what was signed")
    raise typer.Exit(1 if found.count else 0)


alarms = typer.Typer(no_args_is_help=True, help="What was found wrong with evidence, until somebody closes it.")


@alarms.command("list")
def list_alarms(
    everything: Annotated[bool, typer.Option("--all", help="also those that are closed")] = False,
) -> None:
    """Print the alarms that are open; exits with 1 when there are any."""
    from infra.evidence.alarms import alarms as found_alarms
    from services.checkpointer import connect
    from services.database import database

    with database(settings_of(), broken=True) as dsn, connect(dsn) as connection:
        found = found_alarms(connection, closed=everything)
    for one in found:
        print(f"{one.id}  {one.raised_at:%Y-%m-%d %H:%M:%S}  {one.kind}  company {one.tenant}, {one.seq}: {one.what}")
        if one.closed_at:
            print(f"    closed {one.closed_at:%Y-%m-%d %H:%M:%S} by {one.closed_by}: {one.reason}")
    raise typer.Exit(1 if any(one.closed_at is None for one in found) else 0)


@alarms.command("close")
def close(
    alarm: Annotated[list[str], typer.Argument(help="ids of alarms")],
    by: Annotated[str, typer.Option(help="who looked after it")],
    reason: Annotated[str, typer.Option(help="what it was, and what was done")],
) -> None:
    """Close alarms, with who looked after them and what came of it."""
    from services.alarms import close_all
    from services.database import database

    with database(settings_of(), broken=True) as dsn:
        closed = close_all(dsn, alarm, by, reason)
    print(f"closed {closed} of {len(alarm)}")
    raise typer.Exit(0 if closed == len(alarm) else 1)


anchors = typer.Typer(no_args_is_help=True, help="Where checkpoints are taken outside.")


@anchors.command("webhook")
def webhook(
    tenant: Annotated[str, typer.Argument(help="a company, by id or name")],
    by: Annotated[str, typer.Option(help="who asked for it")],
    reason: Annotated[str, typer.Option(help="why")],
    url: Annotated[str | None, typer.Option(help="an https address of theirs; without it, none any more")] = None,
) -> None:
    """Send a company's checkpoints to an address of its own from now on."""
    from services.database import database
    from services.webhooks import send_to

    settings = settings_of()
    with database(settings) as dsn:
        uvloop.run(send_to(dsn, settings, tenant, url, by, reason))
    print("its checkpoints are sent there from now on" if url else "its checkpoints are sent nowhere any more")
