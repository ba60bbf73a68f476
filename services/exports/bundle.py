"""Making a bundle: the evidence and its views, in a folder that appears when it is whole, or not at all."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from infra.evidence.known import KEYS, Key
from infra.read_store.folding import uncollected
from services.exports.bag import Bag
from services.exports.beside import Beside, Task, beside
from services.exports.evidence import Lines, Proofs, instant
from services.exports.source import Checkpoint, Part, Source, source
from services.exports.views import Views
from services.exports.wanted import MINING, Asked, Wanted

VERSION = 1
"""Of the bundle's layout."""
PROGRAMS = ("verify.py", "replay.py")
"""What goes along, to be run by anyone."""
ANCHORS = """
    SELECT kind, target, size, anchored_at, receipt FROM anchors
    WHERE tenant_id = %s AND size <= %s ORDER BY anchored_at, kind, target
"""
COMPANY = """
    SELECT data ->> 'name', data ->> 'time_zone' FROM (
        SELECT convert_from(body, 'UTF8')::jsonb -> 'data' AS data FROM events
        WHERE tenant_id = %s AND tenant_seq = 1) e
"""
READ_ME = """\
An export of Ashiato. / Ashiatoの記録の書き出しです。

data/events.jsonl   the evidence: one event a line, the bytes that were hashed / 証跡
data/checkpoint     the signed root of the log / 署名されたルート
data/export.json    what was asked for, by whom and when, and how many events there are / 条件・実行者・件数
data/views/         made of the events, to look at and to compute with / 閲覧・分析用(証跡から作成)
data/anchors/       what was left outside / 外部に預けた記録

Replay / 再現:      python3 data/replay.py
Verify / 検証:      python3 data/verify.py --key <key> --checkpoint <file>, both from elsewhere / 外部で入手したもの
Files only:         sha256sum -c manifest-sha256.txt
"""

Progress = Callable[[int, int], None]
"""Hears how many of how many events are done, and may raise to end it."""


class LogUnfit(Exception):
    """The events are not those that were signed: nothing is exported, and the log must be looked into."""


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle: where it is, and what export.json says of it."""

    folder: Path
    events: int
    first: int | None
    last: int | None
    size: int
    root: str


def export(dsn: str, wanted: Wanted, asked: Asked, folder: Path, progress: Progress | None = None) -> Made:
    """Make a bundle in a new folder. Raises NoCheckpoint, LogUnfit, ViewsNotMade, FileExistsError, OSError (disk full).

    What is unfinished is in `<folder>.part` and goes away, whatever ends it.
    """
    if folder.exists():
        raise FileExistsError(f"expected a folder that is not there yet, but there is {folder}")
    with _unfinished(folder) as part_folder, source(dsn, wanted.tenant) as log, uncollected():
        made = _fill(dsn, Bag(part_folder), log, wanted, asked, progress or (lambda *_: None))
        part_folder.rename(folder)
    return Made(folder, *made)


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        yield part
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _fill(
    dsn: str, bag: Bag, log: Source, wanted: Wanted, asked: Asked, progress: Progress
) -> tuple[int, int | None, int | None, int, str]:
    checkpoint = log.checkpoint(wanted.checkpoint)
    part = log.part(wanted, checkpoint.size)
    [company] = log.rows(COMPANY, log.tenant)
    with ExitStack() as files, _mining(dsn, bag, log, wanted, part) as mining:
        lines = Lines(files.enter_context(bag.file("events.jsonl")))
        proofs = None
        if not wanted.whole:
            proofs = Proofs(files.enter_context(bag.file("proofs.jsonl")), log.connection, log.tenant, checkpoint.size)
        views = Views(bag, wanted, ZoneInfo(company[1]), files)
        total = max(0, part.last - part.first + 1)
        for stored in log.in_sequence(part):
            lines(stored)
            if proofs:
                proofs(one[2] for one in stored)
            views(log, stored)
            if mining:
                mining.look()
            progress(stored[-1][2] - part.first + 1, total)
        progress(total, total)
        _check(lines, wanted, checkpoint)
        views.close()
        if mining:
            bag.written |= mining.written()
    about = {"company": company[0], **about_of(wanted, asked, checkpoint, lines, views)}
    _say(bag, log, wanted, about, checkpoint, views)
    return lines.count, lines.first, lines.last, checkpoint.size, checkpoint.root.hex()


def _mining(dsn: str, bag: Bag, log: Source, wanted: Wanted, part: Part) -> AbstractContextManager[Beside | None]:
    """What makes the views for process mining meanwhile, where they are wanted."""
    if MINING.isdisjoint(wanted.formats):
        return nullcontext()
    return beside(Task(dsn, log.snapshot(), wanted, part.first, part.last, part.streams, bag.folder))


def _check(lines: Lines, wanted: Wanted, checkpoint: Checkpoint) -> None:
    if wanted.whole and (lines.count, lines.tree.root()) != (checkpoint.size, checkpoint.root):
        raise LogUnfit(
            f"expected the {checkpoint.size} events that were signed, but the log holds others: see `ashiato verify`"
        )


def _say(
    bag: Bag,
    log: Source,
    wanted: Wanted,
    about: dict[str, Any],
    checkpoint: Checkpoint,
    views: Views,
) -> None:
    """Everything beside the events: what was asked for, what proves it, and how to look at it."""
    if "pdf" in wanted.formats:
        from services.exports.report import report

        bag.put("views/report.pdf", report(about, checkpoint.note, views, wanted.lang))
    bag.put("checkpoint", checkpoint.note.encode())
    keys = [Key(*row).verifier(log.tenant) for row in log.rows(KEYS)]
    bag.put("keys.txt", "".join(f"{key}\n" for key in keys).encode())
    anchors: list[dict[str, Any]] = []
    for number, (kind, target, size, at, receipt) in enumerate(log.rows(ANCHORS, log.tenant, checkpoint.size), 1):
        name = f"{number:04d}-{kind}.bin"
        bag.put(f"anchors/{name}", bytes(receipt))
        anchors.append({"kind": kind, "target": target, "size": size, "anchored_at": instant(at), "receipt": name})
    bag.put("anchors/anchors.json", _pretty(anchors))
    bag.put("export.json", _pretty(about))
    for program in PROGRAMS:
        bag.put(program, Path(__file__).with_name(program).read_bytes())
    bag.put("README.txt", READ_ME.encode())
    bag.seal({
        "Source-Organization": "Ashiato",
        "External-Identifier": about["export"],
        "Bagging-Date": about["at"][:10],
        "Bag-Software-Agent": f"ashiato export, layout {VERSION}",
    })


def about_of(wanted: Wanted, asked: Asked, checkpoint: Checkpoint, lines: Lines, views: Views) -> dict[str, Any]:
    """What export.json holds."""
    parameters = {name: value for name, value in asdict(wanted).items() if name != "tenant"}
    return {
        "layout": VERSION,
        "export": asked.id,
        "tenant": wanted.tenant,
        "whole": wanted.whole,
        "completeness": (
            "Every event up to the checkpoint is here, without a gap, and its root says so."
            if wanted.whole
            else "Each event here is proven to be in the log; that no other belongs to them is not proven."
        ),
        "parameters": parameters,
        "by": {"member": asked.by, "name": asked.by_name},
        "at": instant(asked.at),
        "events": lines.count,
        "first_seq": lines.first,
        "last_seq": lines.last,
        "first_recorded_at": instant(lines.at[0]) if lines.at else None,
        "last_recorded_at": instant(lines.at[1]) if lines.at else None,
        "checkpoint": {
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "signed_at": instant(checkpoint.signed_at),
        },
        "types": dict(sorted(views.counting.types.items())),
    }


def _pretty(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2) + b"\n"
