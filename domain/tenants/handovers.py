"""Handover (引継ぎ) and absence (不在) as the company's state knows them: who does instead of whom, and since when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from domain.ids import DepartmentId, MemberId, ProcedureId, RoleId, RunId, StepId


@dataclass(frozen=True, slots=True)
class Place:
    """Where a duty stands: the procedure and its department, and the role that does it."""

    procedure: ProcedureId
    department: DepartmentId
    role: RoleId


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes to whom: the duties of a procedure, a department or a role, or all of them where none is named.

    Of several receivers each open step goes to the one with the least load; later ones take turns by run.
    """

    to: tuple[MemberId, ...]
    procedure: ProcedureId | None = None
    department: DepartmentId | None = None
    role: RoleId | None = None

    def fits(self, place: Place) -> bool:
        """True for a duty that the rule is about."""
        return (
            self.procedure in (None, place.procedure)
            and self.department in (None, place.department)
            and self.role in (None, place.role)
        )

    def fits_role(self, role: RoleId) -> bool:
        """True for holding a role, which belongs to no one procedure or department."""
        return self.procedure is None and self.department is None and self.role in (None, role)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who received how many steps, and how many open ones they had before."""

    member: MemberId
    steps: int
    load: int


@dataclass(frozen=True, slots=True)
class Staying:
    """What did not move and why: a step of a run, or a role."""

    why: str
    run: RunId | None = None
    step: StepId | None = None
    role: RoleId | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """A handover in force until it is undone. `number` counts the company's handovers, from 1.

    `own` says that the member decided it themselves, without being a manager.
    """

    id: str
    member: MemberId
    rules: tuple[Rule, ...]
    number: int
    own: bool
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which someone is away, both included, and who does instead, in order."""

    starts: date
    until: date
    delegates: tuple[MemberId, ...]

    def covers(self, day: date) -> bool:
        """True on a day of the absence."""
        return self.starts <= day <= self.until

    def overlaps(self, other: "Absence") -> bool:
        """True when both have a day in common."""
        return self.starts <= other.until and other.starts <= self.until


def successors(
    handovers: Mapping[str, Handover], member: MemberId, place: Place, turn: int, *, trusted: bool = True
) -> tuple[MemberId, ...]:
    """Who does instead of the member what a rule names them for; themselves when they gave nothing of it away.

    A handover passes on what was theirs until then. So what came to someone by one handover is passed on by later
    ones only: chains lead on, A → B and later B → A leads back, and no circle is ever walked. `turn` says who of
    several receivers is first. Without `trusted` the handovers that members decided for themselves are passed over.
    """
    given: dict[MemberId, list[Handover]] = {}
    for handover in handovers.values():
        if not handover.undone and (trusted or not handover.own):
            given.setdefault(handover.member, []).append(handover)
    if member not in given:
        return (member,)
    return tuple(dict.fromkeys(_follow(given, member, place, turn, 0, set())))


def _follow(
    given: Mapping[MemberId, list[Handover]],
    member: MemberId,
    place: Place,
    turn: int,
    after: int,
    walked: set[tuple[MemberId, int]],
) -> Iterator[MemberId]:
    if (member, after) in walked:
        return
    walked.add((member, after))
    found = next(_passed_on(given.get(member, ()), place, after), None)
    if found is None:
        yield member
        return
    handover, rule = found
    first = turn % len(rule.to)
    for receiver in (*rule.to[first:], *rule.to[:first]):
        yield from _follow(given, receiver, place, turn, handover.number, walked)


def _passed_on(handovers: "list[Handover] | tuple[()]", place: Place, after: int) -> Iterator[tuple[Handover, Rule]]:
    """The handovers by which that duty left someone who has it since `after`, with the rule that was about it."""
    for handover in handovers:
        rule = next((rule for rule in handover.rules if rule.fits(place)), None)
        if handover.number > after and rule is not None:
            yield handover, rule


def away(absences: Mapping[MemberId, tuple[Absence, ...]], member: MemberId, day: date) -> Absence | None:
    """The absence of a member on a day."""
    return next((absence for absence in absences.get(member, ()) if absence.covers(day)), None)


def standing_in(
    absences: Mapping[MemberId, tuple[Absence, ...]], member: MemberId, day: date
) -> tuple[MemberId, ...]:
    """Who does the member's new work on a day: themselves, or while they are away their delegates, or theirs."""
    found: dict[MemberId, None] = {}
    walked: set[MemberId] = set()
    waiting = [member]
    while waiting:
        one = waiting.pop(0)
        if one in walked:
            continue
        walked.add(one)
        absence = away(absences, one, day)
        if absence is None:
            found[one] = None
        else:
            waiting[:0] = absence.delegates
    return tuple(found)
