"""What every command begins with: the settings, where it prints, and how it shows that it goes on."""

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from infra.settings import Settings

out = Console(highlight=False)


def settings_of() -> Settings:
    """The environment's settings; from here on the program logs as they say."""
    from services.logs import configure

    settings = Settings.from_environment()
    configure(settings.log_format, settings.log_level)
    return settings


class bar:  # noqa: N801  # used like a function
    """A progress bar that hears how many of how many are done."""

    def __init__(self, what: str, unit: str) -> None:
        columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()]
        columns += [MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn()]
        self._progress = Progress(*columns, console=out)
        self._what = what

    def __enter__(self) -> Callable[[int, int], None]:
        self._progress.start()
        task = self._progress.add_task(self._what, total=None)
        return lambda done, total: self._progress.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
