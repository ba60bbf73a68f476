"""What goes in: the models of request bodies. Unknown fields are refused."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import date, datetime
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from domain.procedures.definition import Definition
from domain.refusals import InvalidInput
from domain.tenants.permissions import Permission

Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", extra_json_schema={"format": "uuid"})]
Slug = Annotated[str, Meta(pattern="^[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?$")]
Value = Annotated[Any, Meta(extra_json_schema={"type": ["string", "integer", "boolean", "null"]})]
Reason = Annotated[str, Meta(max_length=2_000, description="Why, for whoever reads the trail.")]
Instant = Annotated[datetime, Meta(tz=True, description="When it happened, if that was not just now.")]

AccessEnd = Annotated[
    datetime, Meta(tz=True, description="When an auditor's access ends: at most 366 days ahead; without it, 90.")
]

KeyEnd = Annotated[datetime, Meta(tz=True, description="When the key ends; without it, when it is revoked.")]


class Body(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What every command may say beside its own fields."""

    reason: Reason | None = None
    occurred_at: Instant | None = None


class Owner(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The first member."""

    name: str
    email: str


class SignUpBody(Body, kw_only=True, frozen=True):
    """A company that opens its account, and its first owner."""

    company: str
    owner: Owner
    time_zone: str = "Asia/Tokyo"


class InvitationBody(Body, kw_only=True, frozen=True):
    """A person to invite."""

    name: str
    email: str
    permission: Permission = "member"
    department: Slug | None = None
    access_ends_at: AccessEnd | None = None


class AcceptanceBody(Body, kw_only=True, frozen=True):
    """The token that the invitation was sent with."""

    token: str


class PermissionBody(Body, kw_only=True, frozen=True):
    """What a member may do from now on."""

    permission: Permission
    access_ends_at: AccessEnd | None = None


class AccessBody(Body, kw_only=True, frozen=True):
    """When an auditor's access ends."""

    ends_at: AccessEnd


class IdentityBody(Body, kw_only=True, frozen=True):
    """The subject (`sub`) of an identity provider (`iss`) that stands for a member."""

    issuer: str
    subject: str


class DepartmentBody(Body, kw_only=True, frozen=True):
    """A department's title."""

    title: str


class RoleBody(Body, kw_only=True, frozen=True):
    """Who holds a role, in order."""

    members: tuple[Uuid, ...]


class PlanBody(Body, kw_only=True, frozen=True):
    """A plan of the catalogue; `seats` only where the contract sets them (enterprise)."""

    plan: str
    seats: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class RehearsalBody(Body, kw_only=True, frozen=True):
    """What would happen with this plan; or, with `cancel`, if the subscription were cancelled."""

    plan: str | None = None
    seats: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    cancel: bool = False


class KeyBody(Body, kw_only=True, frozen=True):
    """A key to issue for oneself; only an owner names another member, who has none, with a reason.

    `only` names all that it does, as rows of the table of permissions (docs/access.md).
    """

    label: str
    member: Uuid | None = None
    expires_at: KeyEnd | None = None
    read_only: bool = False
    only: tuple[str, ...] | None = None


class DraftBody(Body, kw_only=True, frozen=True):
    """A procedure's draft."""

    definition: Definition


class RunBody(Body, kw_only=True, frozen=True):
    """A run to start: of which procedure, for whom or what, around which dates."""

    procedure: Uuid
    subject: str
    anchors: dict[str, date] = {}


class NewRunBody(RunBody, kw_only=True, frozen=True):
    """A run to start, under an id that the client may choose."""

    run: Uuid | None = None


class CompletionBody(Body, kw_only=True, frozen=True):
    """A filled form, and the ticked items of the checklist by their places from 0."""

    values: dict[str, Value] = {}
    checks: tuple[int, ...] = ()


class ReturnBody(Body, kw_only=True, frozen=True):
    """Where work goes back to; without it, to the step before."""

    to: Slug | None = None


class AssigneeBody(Body, kw_only=True, frozen=True):
    """Who is to do the step."""

    member: Uuid


class DueDateBody(Body, kw_only=True, frozen=True):
    """The day that the step is due."""

    due: date


class CommentBody(Body, kw_only=True, frozen=True):
    """A remark on the run, or on one of its steps."""

    text: str
    step: Slug | None = None


def refuse_unknown_fields(raw: bytes) -> None:
    """A misspelt field of a definition would be lost in silence: refuse it, with its place."""
    given = msgspec.json.decode(raw)["definition"]
    for place in _unknown(given, Definition, "definition"):
        raise InvalidInput(
            f"expected only known fields, but {place!r} is not one",
            problems=[{"field": place, "expected": "a known field", "got": "another"}],
        )


def _unknown(given: Any, kind: Any, place: str) -> Iterator[str]:
    if isinstance(given, list):
        for number, inner in enumerate(given):
            yield from _unknown(inner, kind, f"{place}[{number}]")
    if isinstance(given, dict):
        known = get_type_hints(kind)
        for name, inner in given.items():
            if name not in known:
                yield f"{place}.{name}"
            elif nested := _nested(known[name]):
                yield from _unknown(inner, nested, f"{place}.{name}")


def _nested(hint: Any) -> type | None:
    """The dataclass within a hint such as `tuple[Step, ...]` or `Due | None`."""
    return next((each for each in (hint, *get_args(hint)) if is_dataclass(each) and isinstance(each, type)), None)
