"""`ashiato erasures`, `sealing`, `retention` and `close`: what an operator does about people's data."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop

from services.cli_parts.settings import out, settings_of

erasures = typer.Typer(no_args_is_help=True, help="Whom companies erased; kept beside backups (docs/erasure.md).")
sealing = typer.Typer(no_args_is_help=True, help="The master keys that wrap people's keys (docs/erasure.md).")
List = Annotated[Path, typer.Argument(help="the list, a line of JSON for each erasure")]


@erasures.command("export")
def export_erasures(to: List) -> None:
    """Write the list of all erasures; keep it apart from the database and its backups."""
    from services import keeping
    from services.database import database

    with database(settings_of()) as dsn:
        lines = list(keeping.erasures(dsn))
    to.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    out.print(f"{len(lines)} erasures are in {to}", soft_wrap=True)


@erasures.command("apply")
def apply_erasures(of: List) -> None:
    """Erase again, in a database restored from a backup, everyone on the list; the read models are rebuilt."""
    from services import keeping
    from services.database import database

    with database(settings_of(), broken=True) as dsn:
        new = keeping.erase_again(dsn, of.read_text("utf-8").splitlines())
    out.print(f"{new} erasures were missing here; all of the list are erased, and the read models are rebuilt")


@sealing.command()
def rotate() -> None:
    """Begin a new master key and wrap every person's key with it; the old one stays in the file for backups."""
    from services import keeping
    from services.database import database

    settings = settings_of()
    with database(settings) as dsn:
        count = keeping.rotate(dsn, settings)
    out.print(f"{count} keys are wrapped with a new master key; back the key file up", soft_wrap=True)


@sealing.command("forget-old")
def forget_old() -> None:
    """Take old master keys out of the file: keys in older backups, destroyed ones too, can be opened no more."""
    from services import keeping
    from services.database import database

    settings = settings_of()
    with database(settings) as dsn:
        count = keeping.forget_old(dsn, settings)
    out.print(f"{count} old master keys are gone", soft_wrap=True)


def retention() -> None:
    """List the runs whose period is over and whose subjects are still named; nothing is erased by itself."""
    from services import keeping
    from services.database import database

    with database(settings_of()) as dsn:
        found = uvloop.run(keeping.past_retentions(dsn))
    for due in found:
        for run in due.runs:
            # Not by rich, which would break the line.
            print(f"{due.company}  {run.run_id}  {run.title}  ended {run.ended_on}, kept until {run.kept_until}")
    out.print(f"{sum(len(due.runs) for due in found)} runs need not be kept any more")


def close(
    tenant: Annotated[str, typer.Argument(help="a company, by id or name")],
    reason: Annotated[str, typer.Option(help="why, for whoever reads the trail")],
) -> None:
    """Destroy the keys of a company whose announced end has come; its log stays, without anything personal."""
    from services import keeping
    from services.database import database

    with database(settings_of()) as dsn:
        closed = uvloop.run(keeping.close_by_operator(dsn, tenant, reason))
    out.print("its keys are destroyed" if closed else "it was closed already", soft_wrap=True)
