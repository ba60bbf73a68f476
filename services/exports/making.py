"""A process that makes one export: told what on a line, it says on others how far it is, and what came of it.

It ends with whoever asked, and leaves nothing behind but a whole file.
"""

import os
import shutil
import signal
import sys
from threading import Thread
from types import FrameType

import msgspec
import structlog

from infra.settings import Settings
from services.exports.archive import archive
from services.exports.bag import FULL
from services.exports.bundle import LogUnfit, export
from services.exports.orders import Done, Failed, Far, Order, Word, orders
from services.exports.store import file_of
from services.logs import configure, described


def make(order: Order) -> Word:
    """The bundle, then the archive of it. Raises OSError for what may pass, and NoCheckpoint."""
    try:
        made = export(order.dsn, order.wanted, order.asked, order.bundle, lambda done, total: _say(Far(done, total)))
        packed = archive(made.folder, f"ashiato-export-{order.asked.id}", order.part)
        order.part.rename(file_of(order.stem, packed.sha256))
    except LogUnfit:
        return Failed("log_unfit")
    except OSError as error:
        if error.errno in FULL:
            return Failed("disk_full")
        raise
    finally:
        order.part.unlink(missing_ok=True)
        shutil.rmtree(order.bundle, ignore_errors=True)
    return Done(packed.sha256, packed.bytes, made.events, made.first, made.last, made.size, made.root)


def _say(word: Word) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


def _end(_: int, __: FrameType | None) -> None:
    """Leave, and take along what is half made."""
    raise SystemExit(1)


def _follow() -> None:
    """Wait until whoever asked is gone, or wants no more."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """One export; what failed in a way that nobody foresaw is logged, and the silence says it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked is interrupted, and ends us
    signal.signal(signal.SIGTERM, _end)
    settings = Settings.from_environment()
    configure(settings.log_format, settings.log_level)
    order = orders.decode(sys.stdin.buffer.readline())
    Thread(target=_follow, daemon=True).start()
    try:
        word = make(order)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is logged, and tried again by who asked
        structlog.get_logger("making").error("export not made", export=order.asked.id, **described(error))
        sys.exit(1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _say(word)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
