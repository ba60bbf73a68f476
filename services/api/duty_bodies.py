"""Request bodies about duties: handing over, moving, being away."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.api.bodies import Body, Slug, Uuid


class RuleBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What goes to whom: the duties of a procedure, a department, a role, or all where none is named.

    Of several receivers, each open step goes to the one with the fewest.
    """

    to: Annotated[tuple[Uuid, ...], Meta(min_length=1, max_length=100)]
    procedure: Uuid | None = None
    department: Slug | None = None
    role: Slug | None = None


Rules = Annotated[tuple[RuleBody, ...], Meta(max_length=100, description="The first that fits a duty counts.")]


class HandoverBody(Body, kw_only=True, frozen=True):
    """Who hands over (without it, oneself), and by which rules."""

    rules: Rules
    member: Uuid | None = None


class DeactivationBody(Body, kw_only=True, frozen=True):
    """How duties are handed over: by `rules` in the same decision, or by the `handover` that was carried out."""

    rules: Rules = ()
    handover: Uuid | None = None


class MoveBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """An open step, and who is to do it."""

    run: Uuid
    step: Slug
    to: Uuid


class MovesBody(Body, kw_only=True, frozen=True):
    """Open steps that change hands together."""

    moves: Annotated[tuple[MoveBody, ...], Meta(min_length=1, max_length=5_000)]


class AbsenceBody(Body, kw_only=True, frozen=True):
    """The first and the last day away, and who does the new steps meanwhile: the first who can.

    With `open_steps` the steps that are open now go to the delegates too, for good.
    """

    first: date = msgspec.field(name="from")
    until: date
    delegates: Annotated[tuple[Uuid, ...], Meta(min_length=1, max_length=100)]
    open_steps: bool = False
