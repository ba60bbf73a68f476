"""Refusals: a command that may not happen says what was expected, under a code that never changes."""

from collections.abc import Mapping
from typing import ClassVar, Literal

Kind = Literal["not_found", "forbidden", "conflict", "invalid"]

MOST_PROBLEMS = 100
"""How many problems a refusal names: nobody reads more, and an answer stays much smaller than its question."""


class Refusal(Exception):
    """A decision's "no": one sentence, `expected to …, but …`, with a stable code.

    `recorded` marks a refusal that matters to an auditor: it is written to the log with its command.
    `facts` are details for machines; they never hold personal data.
    """

    code: ClassVar[str]
    kind: ClassVar[Kind] = "conflict"
    recorded: ClassVar[bool] = False

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts: Mapping[str, object] = facts


class NotFound(Refusal):
    """The id is unknown, or belongs to someone else: the answer is the same for both."""

    code = "not_found"
    kind = "not_found"


class NotPermitted(Refusal):
    """The member's permission does not cover the command."""

    code = "not_permitted"
    kind = "forbidden"
    recorded = True


class CannotDoSteps(Refusal):
    """Work is given to people who can do it: active, and with a permission to complete steps."""

    code = "cannot_do_steps"


class InvalidInput(Refusal):
    """Some fields are not what was expected; `facts["problems"]` names each one."""

    code = "invalid_input"
    kind = "invalid"


class ReasonMissing(Refusal):
    """Corrections, reassignments, send-backs, skips, plan changes, deletions and overrides need a reason."""

    code = "reason_missing"
    kind = "invalid"


def catalogue() -> dict[str, type[Refusal]]:
    """Every refusal by its code, for the documentation and the API."""
    found: dict[str, type[Refusal]] = {}
    waiting = [Refusal]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            found[kind.code] = kind
            waiting.append(kind)
    return dict(sorted(found.items()))
