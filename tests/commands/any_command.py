"""Any command at all: made field by field from their types, so that a new one is tried the day it is written."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from commands.catalogue import COMMANDS, Command
from commands.request import Request
from domain.ids import (
    AnchorId,
    CommandId,
    DepartmentId,
    FieldId,
    MemberId,
    ProcedureId,
    RoleId,
    RunId,
    StepId,
)
from domain.procedures.definition import Definition
from domain.services import SERVICES_MAY
from domain.tenants.permissions import MAY
from tests.commands.worlds import (
    DRAFT,
    FOREIGN_MEMBER,
    FOREIGN_PROCEDURE,
    FOREIGN_RUN,
    MEMBERS,
    NOBODYS_COMPANY,
    OPENINGS,
    RUNS,
    UNKNOWN,
    Asked,
)
from tests.people import BUNTA, COMPANY, EMI, FUMIO, HR, IT, JOINING, JOINING_DAY, MONDAY, PROCEDURE, TOKEN, address

Strategy = st.SearchStrategy[Any]

TEXTS = st.sampled_from(["文"] * 5 + ["", " ", "a\x00b", "\ud800", "x" * 5000])
BY_NAME: Mapping[str, Strategy] = {
    "plan": st.sampled_from(["lite", "standard", "pro", "enterprise", "gold"]),
    "email": st.sampled_from([address("new")] * 3 + [address("aiko"), address("jiro"), "nowhere"]),
    "time_zone": st.sampled_from(["Asia/Tokyo", "Asia/Nowhere", ""]),
    "token_sha256": st.sampled_from([TOKEN, "9" * 64]),
    # Fingerprints and key ids are made by the edge, never typed by anyone.
    "key_sha256": st.just("8" * 64),
    "key": st.sampled_from(["key-of-aiko", "another-key"]),
    "values": st.sampled_from(
        [{}, {"employment": "新卒"}, {"employment": "中途"}, {"employment": "未定"}, {"contact": 1}]
    ),
    "anchors": st.sampled_from([{JOINING_DAY: date(2026, 5, 1)}] * 2 + [{}, {JOINING_DAY: date(1, 1, 1)}]),
    "checks": st.sampled_from([(), (0, 1), (7,), (-1,)]),
}
BY_TYPE: Mapping[Any, Strategy] = {
    MemberId: st.sampled_from([*MEMBERS, FOREIGN_MEMBER] + [MemberId(UNKNOWN)] * 4),
    RunId: st.sampled_from([*RUNS, RunId(UNKNOWN), FOREIGN_RUN]),
    ProcedureId: st.sampled_from([PROCEDURE, PROCEDURE, DRAFT, ProcedureId(UNKNOWN), FOREIGN_PROCEDURE]),
    StepId: st.sampled_from([*(step.id for step in JOINING.steps), StepId("nowhere")]),
    DepartmentId: st.sampled_from([DepartmentId("hr"), DepartmentId("new"), DepartmentId("人事")]),
    RoleId: st.sampled_from([HR, IT, RoleId("new"), RoleId("役")]),
    AnchorId: st.just(JOINING_DAY),
    FieldId: st.just(FieldId("employment")),
    Definition: st.sampled_from([JOINING, replace(JOINING, summary="改訂"), replace(JOINING, steps=())]),
    date: st.sampled_from([date(2026, 4, 24), date(2026, 4, 21), date(1, 1, 1), date(9999, 12, 31)]),
    str: TEXTS,
    int: st.integers(-1, 300),
    bool: st.booleans(),
    object: TEXTS,
    NoneType: st.none(),
}


def value(kind: Any) -> Strategy:
    """Values of a type, those that hit something among them."""
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    if hasattr(kind, "__supertype__"):
        return value(kind.__supertype__)
    if is_dataclass(kind):
        return built(kind)  # type: ignore[arg-type]  # a class, not an instance
    return _composed(kind, get_origin(kind), get_args(kind))


def _composed(kind: Any, origin: Any, inner: tuple[Any, ...]) -> Strategy:
    if origin in (Union, UnionType):
        return st.one_of([value(choice) for choice in inner])
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(value(inner[0]), max_size=3).map(tuple)
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(value(inner[0]), value(inner[1]), max_size=2)
    raise NotImplementedError(f"teach tests/commands/any_command.py to make a {kind}")


def built(kind: type) -> Strategy:
    """Instances of a dataclass."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{f.name: BY_NAME.get(f.name, value(hints[f.name])) for f in fields(kind)})


ANY_COMMAND: st.SearchStrategy[Command] = st.sampled_from(sorted(COMMANDS)).flatmap(lambda n: built(COMMANDS[n]))
REQUESTS = st.builds(
    Request,
    tenant=st.sampled_from([COMPANY] * 9 + [NOBODYS_COMPANY]),
    command=st.uuids(version=4).map(str).map(CommandId),
    at=st.sampled_from([MONDAY] * 5 + [MONDAY + timedelta(days=days) for days in (6, 20, 30)]),
    actor=st.sampled_from([EMI, FUMIO, BUNTA] * 3 + [*MEMBERS, FOREIGN_MEMBER, None]),
    reason=st.sampled_from(["理由"] * 4 + [None, " "]),
    repeatable=st.just(True),
)


def fitted(asked: Asked, opening: tuple[RunId, StepId, MemberId]) -> Asked:
    """The same command where it fits: on a step that waits, by who is to do it or by a manager; or a new company."""
    run, step, member = opening
    if getattr(asked.command, "by_service", False):
        return replace(asked, request=replace(asked.request, actor=SERVICES_MAY[asked.command.name].id))
    if getattr(asked.command, "open_to_all", False):
        return replace(asked, request=replace(asked.request, tenant=NOBODYS_COMPANY))
    if not {"run", "step"} <= {f.name for f in fields(asked.command)}:
        return asked
    by = member if "manager" not in MAY[asked.command.name] or "partner" in MAY[asked.command.name] else BUNTA
    return Asked(replace(asked.request, actor=by), replace(asked.command, run=run, step=step))


ANYTHING = st.builds(Asked, REQUESTS, ANY_COMMAND) | st.builds(
    fitted, st.builds(Asked, REQUESTS, ANY_COMMAND), st.sampled_from(OPENINGS)
)
HISTORIES = st.lists(ANYTHING, min_size=1, max_size=6)
