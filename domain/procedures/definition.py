"""What a procedure says: anchors, roles and steps. Plain data; `checks.py` tells whether it makes sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from domain.ids import AnchorId, DepartmentId, FieldId, MemberId, RoleId, StepId

Unit = Literal["days", "business_days", "months", "day_of_next_month"]
FieldKind = Literal["text", "number", "amount", "date", "choice", "check", "person", "file"]
AssignmentRule = Literal["holder", "spread", "least_loaded", "starter", "same_as", "member", "open"]
DocumentPart = Literal["file", "date", "amount", "counterparty"]
Operator = Literal["is", "is_not", "at_least", "at_most", "one_of"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A named date that a run is planned around (基準日), such as 入社日."""

    id: AnchorId
    title: str


@dataclass(frozen=True, slots=True)
class Role:
    """Who does a step, and by which named rule a person is found when the step becomes ready.

    holder: the first who holds the role · spread: one of its holders, evenly over runs · least_loaded: the holder
    with the fewest open steps · starter: who started the run · same_as: who did the step `step` · member: always
    `member` · open: nobody, its holders may take it.
    """

    id: RoleId
    title: str
    rule: AssignmentRule = "spread"
    step: StepId | None = None
    member: MemberId | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A due date: an anchor, or the day another step was done or skipped, plus or minus an offset.

    `offset` counts `unit`s; for `day_of_next_month` it is the day (翌月10日 is 10). `legal` marks a deadline
    set by law, with its `basis`; those shipped need a professional's check.
    """

    offset: int
    unit: Unit = "days"
    anchor: AnchorId | None = None
    after: StepId | None = None
    legal: bool = False
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One typed field of a step's form; `personal` values are sealed under the subject's key.

    `document` says what the field tells of the document that the step keeps (電子帳簿保存法): its date, amount or
    counterparty, by which it is found. A field of the kind `file` is the document itself.
    """

    id: FieldId
    title: str
    kind: FieldKind = "text"
    required: bool = False
    personal: bool = False
    choices: tuple[str, ...] = ()
    document: Literal["date", "amount", "counterparty"] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """When a step applies: a form value of an earlier step, or an anchor, compared with `value`.

    A missing value never satisfies a condition, whatever the operator; anchors and dates compare as ISO dates.
    """

    operator: Operator
    value: str | bool | tuple[str, ...]
    step: StepId | None = None
    field: FieldId | None = None
    anchor: AnchorId | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who, when, after what, with which form, checklist and constraints."""

    id: StepId
    title: str
    role: RoleId
    instructions: str = ""
    after: tuple[StepId, ...] = ()
    due: Due | None = None
    fields: tuple[Field, ...] = ()
    checklist: tuple[str, ...] = ()
    approval: bool = False
    not_same_actor_as: tuple[StepId, ...] = ()
    condition: Condition | None = None
    outside: str = ""


@dataclass(frozen=True)
class Definition:
    """A whole procedure. `department` is who owns it; a confidential one is seen by few.

    Without slots, so that what is looked up for every command is derived once.
    """

    title: str
    department: DepartmentId
    steps: tuple[Step, ...]
    roles: tuple[Role, ...]
    anchors: tuple[Anchor, ...] = ()
    summary: str = ""
    confidential: bool = False

    def step(self, step: StepId) -> Step:
        """The step of that id; KeyError when there is none."""
        return self._steps[step]

    def role(self, role: RoleId) -> Role:
        """The role of that id; KeyError when there is none."""
        return self._roles[role]

    @cached_property
    def followers(self) -> Mapping[StepId, tuple[StepId, ...]]:
        """The steps that wait for each step directly, in the procedure's order."""
        return {step.id: tuple(s.id for s in self.steps if step.id in s.after) for step in self.steps}

    @cached_property
    def decisive(self) -> Mapping[StepId, tuple[FieldId, ...]]:
        """The fields of each step that conditions look at, sorted; a step without any is missing."""
        fields: dict[StepId, set[FieldId]] = {}
        for step in self.steps:
            if step.condition and step.condition.step is not None and step.condition.field is not None:
                fields.setdefault(step.condition.step, set()).add(step.condition.field)
        return {step: tuple(sorted(names)) for step, names in fields.items()}

    @cached_property
    def documents(self) -> Mapping[StepId, Mapping[FieldId, DocumentPart]]:
        """What the fields of each step tell of a document; a step that keeps none is missing, and personal fields."""
        parts = {
            step.id: {
                field.id: part
                for field in step.fields
                if not field.personal and (part := field.document or ("file" if field.kind == "file" else None))
            }
            for step in self.steps
        }
        return {step: fields for step, fields in parts.items() if fields}

    @cached_property
    def spreads_by_load(self) -> bool:
        """True when a role goes by how much people have to do."""
        return any(role.rule == "least_loaded" for role in self.roles)

    @cached_property
    def places(self) -> Mapping[StepId, int]:
        """Where each step stands in the procedure, from 0."""
        return {step.id: place for place, step in enumerate(self.steps)}

    @cached_property
    def _steps(self) -> Mapping[StepId, Step]:
        return {step.id: step for step in self.steps}

    @cached_property
    def _roles(self) -> Mapping[RoleId, Role]:
        return {role.id: role for role in self.roles}
