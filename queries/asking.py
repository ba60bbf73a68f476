"""How questions are asked: now, or as of an instant or a sequence, with the same SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

R = TypeVar("R")

AsOf = int | datetime
"""A tenant's sequence (everything up to and including it), or an instant (everything recorded until then)."""


@dataclass(frozen=True)
class Question(Generic[R]):
    """One SELECT over read models' tables, named without schema, with `%(name)s` parameters.

    `%(tenant)s` is always there. Column names are the row class's fields. `reads` names the tables it reads that
    have a past; as of then, they are folded anew and stand in for the tables of the same names. `labels` names the
    others: what is taken from them (a person's name, a run's title) never changes once it is there.
    """

    sql: str
    row: type[R]
    reads: tuple[str, ...]
    labels: tuple[str, ...] = ()


class Ask(Protocol):
    """Asks a question about one tenant."""

    async def __call__(
        self,
        question: Question[R],
        tenant: str,
        parameters: Mapping[str, Any],
        *,
        as_of: AsOf | None = None,
        stream: str | None = None,
    ) -> list[R]:
        """The rows of the answer. `stream` says that only this run's (or procedure's) rows matter."""


class Placed(Protocol):
    """A row that knows where the next page begins."""

    @property
    def after(self) -> Any:
        """The place behind this row."""


class AskOfTimes(Ask, Protocol):
    """Also tells which sequence a moment means."""

    async def sequence(self, tenant: str, as_of: AsOf) -> int:
        """The tenant's sequence that an instant or a sequence means; 0 before its first event."""
