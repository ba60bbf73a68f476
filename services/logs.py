"""What the program logs: one line for each thing that happened, to standard error, without values.

Messages of errors, and the values of variables, may hold personal data or the database's password. So an error is
logged as its class, its SQLSTATE when the database raised it, and the way to it.
"""

import logging
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, TextIO

import psycopg
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FRAMES = 12
BRACKETS = "<([{"
NUMBERS = (int, float)

log = structlog.get_logger("program")


def where(error: BaseException) -> list[str]:
    """The way to an error, innermost last, without messages or values: they may be personal."""
    return [f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in extract_tb(error.__traceback__)][-FRAMES:]


def described(error: BaseException) -> dict[str, Any]:
    """What may be known of an error: its class, its SQLSTATE, and the way to it."""
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return {"error": type(error).__name__, **({"sqlstate": state} if state else {}), "where": where(error)}


def configure(form: str, level: str) -> None:
    """Log from `level` on, as `console` or `json` lines; what libraries log, and what nobody caught, likewise."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            _without_values,
            _renderer(form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Below a warning, libraries may tell what they send.
    logging.basicConfig(handlers=[_Foreign()], level=max(threshold, logging.WARNING), force=True)
    warnings.showwarning = _warned
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _renderer(form: str) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _without_values(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    """Any exception that came along, in place of its traceback."""
    given = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        entry.update(described(error))
    return entry


class _Foreign(logging.Handler):
    """Takes what libraries log by the standard way."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line, without the values that the message was made of."""
        tell: Callable[..., None] = log.error if record.levelno >= logging.ERROR else log.warning
        tell(_told(record), logger=record.name, exc_info=record.exc_info)


def _told(record: logging.LogRecord) -> str:
    """A library's message: numbers stay, errors become their class, all else is left out."""
    if not record.args:
        # Made beforehand, perhaps of values: asyncio shows objects in brackets, and on further lines.
        first = str(record.msg).partition("\n")[0] if isinstance(record.msg, str) else type(record.msg).__name__
        return first[: min((at for at in map(first.find, BRACKETS) if at >= 0), default=len(first))].strip()
    args = record.args if isinstance(record.args, tuple) else ()
    try:
        return str(record.msg) % tuple(_harmless(arg) for arg in args)
    except (TypeError, ValueError):
        return str(record.msg)


def _harmless(value: object) -> object:
    if isinstance(value, NUMBERS):
        return value
    return type(value).__name__ if isinstance(value, BaseException) else "…"


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    log.warning("warned", warning=category.__name__, where=[f"{Path(filename).name}:{lineno}"])


def _uncaught(kind: type[BaseException], error: BaseException | None, _: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    log.critical("ended by what nobody foresaw", exc_info=error or kind())
