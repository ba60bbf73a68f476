"""Problems of a definition: where, what was expected, what was there."""

from collections.abc import Collection, Hashable, Iterable, Iterator

from domain.ids import is_slug
from domain.text import problem_in, problem_in_line, problem_in_lines

Problem = dict[str, str]

LONGEST_SHOWN, LONGEST_SENTENCE = 60, 500


def problem(at: str, expected: str, got: str) -> Problem:
    """One problem, as it stands in `facts["problems"]`."""
    return {"at": _storable(at), "expected": _storable(expected), "got": _storable(got)}


def shown(text: str) -> str:
    """A text that can be shown and stored: quoted and shortened, or what is wrong with it."""
    return problem_in(text, LONGEST_SHOWN) or repr(text)


def place(kind: str, number: int, name: str) -> str:
    """Where something stands: by its id, or by its number from 0 when the id is none."""
    return f"{kind}.{name if is_slug(name) else number}"


def listed(names: Iterable[str]) -> str:
    """Names to choose from."""
    return "one of " + ", ".join(shown(name) for name in names)


def title_problems(at: str, title: str, longest: int) -> Iterator[Problem]:
    """A title is one line with something to see."""
    if wrong := problem_in_line(title, longest):
        yield problem(at, f"1 to {longest} characters on one line", wrong)


def text_problems(at: str, text: str, longest: int) -> Iterator[Problem]:
    """A longer text may be empty, and have several lines."""
    if wrong := problem_in_lines(text, longest):
        yield problem(at, f"at most {longest:,} characters", wrong)


def id_problems(at: str, name: str) -> Iterator[Problem]:
    """An id is a slug."""
    if not is_slug(name):
        yield problem(at, "1 to 40 of a-z, 0-9, '-' and '_'", shown(name))


def count_problems(at: str, things: Collection[object], least: int, most: int) -> Iterator[Problem]:
    """Not too few, not too many."""
    if not least <= len(things) <= most:
        yield problem(at, f"{least} to {most}", str(len(things)))


def doubles(at: str, names: Iterable[Hashable]) -> Iterator[Problem]:
    """Each name once."""
    seen: set[Hashable] = set()
    for name in names:
        if name in seen:
            yield problem(at, "each once", f"{shown(str(name))} again")
        seen.add(name)


def _storable(text: str) -> str:
    """A refusal is logged: not even one about NUL and half characters may hold them."""
    return text[:LONGEST_SENTENCE].replace("\x00", "?").encode("utf-8", "replace").decode()
