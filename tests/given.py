"""The grammar of decision tests: given what has happened, when someone decides, then this follows, or is refused.

    given(*STARTED).when(complete_step, CONTRACT, BUNTA, {}, ()).refuses(StepNotReady)

A decision's parameters run, setting, tenant, procedure and at come from what was given; the others are written
down in the test.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.events import Event
from domain.procedures import state as procedures
from domain.refusals import Refusal
from domain.runs import state as runs
from domain.runs.flow import Setting
from domain.tenants import folding
from infra.calendar import japan
from tests.people import JOINING, MONDAY, RUN, TENANT


@dataclass(frozen=True)
class Given:
    """What has happened, and when it is."""

    history: tuple[Event, ...]
    at: datetime = MONDAY

    def when(self, decision: Callable[..., list[Any]], *args: Any, **kwargs: Any) -> "Outcome":
        """What comes of a decision."""
        asked = {name: p.annotation for name, p in inspect.signature(decision).parameters.items()}
        known = {n: v for n, v in self._known().items() if asked.get(n) is type(v) and n not in kwargs}
        rest = [name for name in asked if name not in known and name not in kwargs][: len(args)]
        try:
            return Outcome(self, decision(**dict(zip(rest, args, strict=True)), **known, **kwargs), None)
        except Refusal as refusal:
            return Outcome(self, None, refusal)

    def on(self, at: datetime) -> "Given":
        """The same history, looked at from another moment."""
        return Given(self.history, at)

    def _known(self) -> dict[str, Any]:
        tenant = folding.fold(of("tenant", self.history), None if of("tenant.signed_up", self.history) else TENANT)
        run = runs.fold(of("run", self.history))
        procedure = procedures.fold(of("procedure", self.history))
        setting = Setting(RUN, JOINING, tenant, japan(), self.at)
        return {"run": run, "tenant": tenant, "procedure": procedure, "setting": setting, "at": self.at}


@dataclass(frozen=True)
class Outcome:
    """What was decided, or why not."""

    given: Given
    events: list[Event] | None
    refusal: Refusal | None

    def then(self, *expected: Event) -> None:
        """Exactly these events, which fold onto what was given."""
        assert self.refusal is None, f"expected events, but it was refused: {self.refusal}"
        assert self.events == list(expected)
        Given((*self.given.history, *expected), self.given.at)._known()

    def then_kinds(self, *expected: type) -> None:
        """Events of exactly these types, where what they hold is shown elsewhere."""
        assert [type(event) for event in self.decided()] == list(expected)

    def changes_nothing(self) -> None:
        """It is already so."""
        self.then()

    def refuses(self, kind: type[Refusal], saying: str = "") -> None:
        """This refusal, in a sentence that says what was expected."""
        assert self.events is None, f"expected {kind.code}, but it was allowed: {self.events}"
        assert type(self.refusal) is kind, self.refusal
        assert self.refusal.sentence.startswith("expected ")
        assert ", but " in self.refusal.sentence
        assert saying in self.refusal.sentence

    def decided(self) -> list[Event]:
        """The events themselves."""
        assert self.events is not None, f"expected events, but it was refused: {self.refusal}"
        return self.events


def given(*history: Event) -> Given:
    """What has happened, in order."""
    return Given(history)


def of(kind: str, history: Iterable[Event]) -> list[Event]:
    """The events of a stream kind, or of one type."""
    return [event for event in history if event.type == kind or event.type.startswith(f"{kind}.")]
