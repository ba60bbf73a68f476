"""`ashiato checkpoint` and `ashiato keys`: signing, and the keys that sign."""

from contextlib import suppress
from threading import Event
from typing import Annotated

import typer

from services.cli_parts.settings import out, settings_of


def checkpoint(
    once: Annotated[bool, typer.Option("--once", help="sign what is new, then end")] = False,
) -> None:
    """Sign checkpoints of every company's log in a process of its own, until interrupted."""
    from services.checkpointer import checkpointing, sign_all
    from services.database import database, lasting_database

    settings = settings_of()
    if once:
        with database(settings) as dsn:
            done = sign_all(dsn, settings)
        out.print(f"signed {done.checkpoints:,} checkpoints of {done.events:,} new events", soft_wrap=True)
        raise typer.Exit(1 if done.misfits else 0)
    # Not by rich: a signal that comes while it prints would make it print twice.
    with lasting_database(settings) as dsn, checkpointing(dsn, settings), suppress(KeyboardInterrupt):
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
