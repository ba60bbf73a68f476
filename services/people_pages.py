"""Pages of people: rows of so many persons, whole, where each may have several."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from queries.load import PersonPlace


class OfPerson(Protocol):
    """A row of a person, in a list where each one's stand together."""

    @property
    def member(self) -> str:
        """Whose it is."""

    @property
    def after(self) -> PersonPlace:
        """Where the page behind this person begins."""


P = TypeVar("P", bound=OfPerson)


def page_of_people(found: Sequence[P], most: int) -> tuple[Sequence[P], PersonPlace | None]:
    """The rows of the first `most` of the people who were asked for, one more than wanted; the next place, or None."""
    people = list(dict.fromkeys(row.member for row in found))
    if len(people) <= most:
        return found, None
    shown = [row for row in found if row.member != people[most]]
    return shown, shown[-1].after
