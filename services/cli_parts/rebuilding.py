"""`ashiato rebuild`: all of it at once, or verb by verb."""

from collections.abc import Sequence

from infra.read_store import stages
from infra.read_store.parts import Far
from infra.read_store.rebuild import rebuild
from infra.read_store.stages import Standing
from projections.engine import Projection
from services.cli_parts.settings import bar, out, settings_of
from services.database import database

VERBS = ("prepare", "replay", "catch-up", "go-live", "abort", "roll-back", "drop", "status")


def carry_out(verb: str | None, chosen: Sequence[Projection], workers: int, keep: bool) -> None:
    """Carry out one verb, or all that a rebuild takes when none is named."""
    with database(settings_of(), broken=True) as dsn:
        if verb is None or verb == "replay":
            _replay(dsn, verb, chosen, workers, keep)
        elif verb == "status":
            at_work = stages.under_way(dsn)
            for one in stages.status(dsn, chosen):
                out.print(line(one, at_work=at_work), soft_wrap=True)
        else:
            _other(dsn, verb, chosen, keep)


def _replay(dsn: str, verb: str | None, chosen: Sequence[Projection], workers: int, keep: bool) -> None:
    names = ", ".join(projection.name for projection in chosen)
    with bar("rebuilding", "events") as progress:
        if verb is None:
            events = rebuild(dsn, chosen, workers, progress, keep=keep)
        else:
            events = stages.replay(dsn, chosen, workers, progress)
    out.print(f"{'replayed' if verb else 'rebuilt'} {names} from {events:,} events")


def _other(dsn: str, verb: str, chosen: Sequence[Projection], keep: bool) -> None:
    match verb:
        case "prepare":
            stages.prepare(dsn, chosen)
            out.print("prepared; `ashiato rebuild replay` fills it, and goes on where it was cut short", soft_wrap=True)
        case "catch-up":
            out.print(f"through position {stages.catch_up(dsn, chosen):,}")
        case "go-live":
            stages.go_live(dsn, chosen, keep=keep)
            out.print("live")
        case "abort":
            stages.abort(dsn, chosen)
            out.print("aborted; the live tables are as they were")
        case "roll-back":
            stages.roll_back(dsn, chosen)
            out.print("rolled back; `ashiato rebuild roll-back` goes forth again")
        case "drop":
            stages.drop(dsn, chosen)
            out.print("dropped what was kept for a roll back")


def line(one: Standing, *, at_work: bool) -> str:
    """Where a read model stands, for operators; `at_work`: a rebuild or a comparison is under way."""
    said = [f"{one.name}: live {_at(one.version, one.position)}"]
    if one.unfinished:
        said.append(_unfinished(one.far, at_work=at_work))
    if one.next_version is not None:
        said.append(f"next {_at(one.next_version, one.next_position)}")
    if one.old_version is not None:
        said.append(f"kept {_at(one.old_version, one.old_position)}")
    if one.left_over:
        said.append("tables that made room lie there for nothing: `ashiato rebuild drop`")
    return "; ".join(said)


def _unfinished(far: Far | None, *, at_work: bool) -> str:
    """How far a replay is; with its last event done, its tallies and indexes are made."""
    events = f"{far.done:,} of {far.total:,} events" if far else "not begun"
    version = f" of version {far.version}" if far and far.version is not None else ""
    return f"a replay{version} beside it {'is under way' if at_work else 'was cut short'}, {events}"


def _at(version: int | None, position: int | None) -> str:
    return "none" if version is None else f"version {version} through {position:,}"
