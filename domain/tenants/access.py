"""An auditor's access ends by itself: whoever may read everything is let in for a time, and each time anew.

The time decides, in `permit` and where credentials are checked; no event is needed for it to be over.
"""

from datetime import datetime, timedelta

from domain.ids import MemberId
from domain.refusals import InvalidInput
from domain.tenants import events as e
from domain.tenants.permissions import TIME_BOXED, Permission

USUAL_DAYS = 90
"""How long access lasts when nobody says how long."""
MOST_DAYS = 366


def first_end(
    member: MemberId, permission: Permission, ends_at: datetime | None, at: datetime
) -> list[e.TenantEvent]:
    """The end of the access of someone who is invited."""
    new = end_for(permission, ends_at, at)
    return [] if new is None else [e.AccessEndSet(member, None, new)]


def changed_end(
    member: MemberId, old: datetime | None, permission: Permission, ends_at: datetime | None, at: datetime
) -> list[e.TenantEvent]:
    """The end of the access of someone whose permission becomes another; one that is set and to come stays."""
    if ends_at is None and old is not None and at < old and permission in TIME_BOXED:
        return []
    new = end_for(permission, ends_at, at)
    return [] if new == old else [e.AccessEndSet(member, old, new)]


def end_for(permission: Permission, ends_at: datetime | None, at: datetime) -> datetime | None:
    """When access with that permission ends; None when it has no end. Raises InvalidInput."""
    if permission in TIME_BOXED:
        return at + timedelta(days=USUAL_DAYS) if ends_at is None else check_end(ends_at, at)
    if ends_at is not None:
        raise InvalidInput(
            f"expected 'access_ends_at' for an auditor, but they are to be {permission}", field="access_ends_at"
        )
    return None


def check_end(ends_at: datetime, at: datetime) -> datetime:
    """An end that is to come, and not too far away. Raises InvalidInput."""
    if at < ends_at <= at + timedelta(days=MOST_DAYS):
        return ends_at
    raise InvalidInput(
        f"expected an end of access from now to {MOST_DAYS} days ahead, but got another", field="access_ends_at"
    )
