"""A tenant's events, folded into its state."""

from collections.abc import Iterable, MutableMapping
from dataclasses import replace
from datetime import timedelta
from functools import singledispatch
from typing import cast

from domain.ids import MemberId
from domain.personal import ERASED
from domain.tenants import duty_events as d
from domain.tenants import events as e
from domain.tenants.anchor_events import AnchorWebhookSet
from domain.tenants.erasure_events import ErasureEvent, PersonErased, TenantClosed
from domain.tenants.export_events import ExportEvent
from domain.tenants.exports import exports_after
from domain.tenants.handovers import Absence, Handover
from domain.tenants.identity_events import MemberLinked, MemberUnlinked
from domain.tenants.keeping import keeping_after
from domain.tenants.member import ApiKey, Member, MemberStatus
from domain.tenants.plan_events import PlanEvent
from domain.tenants.plan_state import changes
from domain.tenants.state import Tenant, identity


def fold(events: Iterable[e.TenantEvent], tenant: Tenant | None = None) -> Tenant:
    """The tenant after these events; an unknown type is an error, never ignored.

    The members are copied once and not for every event: a company may have ten thousand.
    """
    before = tenant or Tenant()
    tenant = replace(before, members={**before.members})
    for event in events:
        tenant = _rule(event, tenant)
    return tenant


def evolve(event: e.TenantEvent, tenant: Tenant) -> Tenant:
    """The tenant after one more event."""
    return fold((event,), tenant)


@singledispatch
def _rule(event: e.TenantEvent, tenant: Tenant) -> Tenant:
    """The tenant after one more event. Its members are the fold's own, to be changed in place."""
    raise TypeError(f"no rule for {type(event).__name__}")


@_rule.register
def _(event: e.TenantSignedUp, tenant: Tenant) -> Tenant:
    return replace(tenant, name=event.name, time_zone=event.time_zone)


@_rule.register
def _(event: e.TrialStarted, tenant: Tenant) -> Tenant:
    return replace(tenant, trial_ends_at=event.ends_at, seats=event.seats)


@_rule.register
def _(event: e.PlanChosen, tenant: Tenant) -> Tenant:
    price = event.yen_a_month
    return replace(tenant, plan=event.new, seats=event.seats, yen_a_month=price, pending=None, ended=None)


@_rule.register
def _(event: PlanEvent, tenant: Tenant) -> Tenant:
    return replace(tenant, **changes(event))


@_rule.register
def _(event: e.DepartmentAdded, tenant: Tenant) -> Tenant:
    return replace(tenant, departments={**tenant.departments, event.department: event.title})


@_rule.register
def _(event: e.MemberJoined, tenant: Tenant) -> Tenant:
    who = event.member, event.permission, event.department
    return _with(tenant, Member(*who, "active", event.name, event.email, joined=True))


@_rule.register
def _(event: e.MemberInvited, tenant: Tenant) -> Tenant:
    who = event.member, event.permission, event.department
    called = event.name, event.email
    return _with(tenant, Member(*who, "invited", *called, event.expires_at, event.token_sha256))


@_rule.register
def _(event: e.InvitationAccepted, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, status="active", token_sha256=None, joined=True)


@_rule.register
def _(event: e.InvitationExpired, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, status="expired", token_sha256=None)


@_rule.register
def _(event: e.MemberDeactivated, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, status="deactivated", token_sha256=None)


@_rule.register
def _(event: e.MemberReactivated, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, status="active", removed=False)


@_rule.register
def _(event: e.MemberProvisioned, tenant: Tenant) -> Tenant:
    status: MemberStatus = "active" if event.active else "deactivated"
    about = event.permission, event.department, status, event.name, event.email
    if event.member not in tenant.members:
        tenant = _with(tenant, Member(event.member, *about))
    now = dict(zip(("permission", "department", "status", "name", "email"), about, strict=True))
    called = {"user_name": event.user_name, "external_id": event.external_id}
    return _changed(tenant, event.member, **now, **called, joined=True, token_sha256=None, expires_at=None)


@_rule.register
def _(event: e.MemberRenamed, tenant: Tenant) -> Tenant:
    called = {"name": event.name, "email": event.email}
    return _changed(tenant, event.member, **called, user_name=event.user_name, external_id=event.external_id)


@_rule.register
def _(event: e.MemberMoved, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, department=event.new)


@_rule.register
def _(event: e.MemberRemoved, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, removed=True)


@_rule.register
def _(event: e.PermissionChanged, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, permission=event.new)


@_rule.register
def _(event: e.AccessEndSet, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, access_ends_at=event.new)


@_rule.register
def _(event: d.RoleHoldersSet, tenant: Tenant) -> Tenant:
    return replace(tenant, holders={**tenant.holders, event.role: event.new})


@_rule.register
def _(event: e.ApiKeyIssued, tenant: Tenant) -> Tenant:
    limits = event.expires_at, event.read_only, event.only
    key = ApiKey(event.key, event.member, event.label, event.sha256, *limits)
    return replace(tenant, keys={**tenant.keys, event.key: key})


@_rule.register
def _(event: e.ApiKeyRevoked, tenant: Tenant) -> Tenant:
    left = {k: v for k, v in tenant.keys.items() if k != event.key}
    return replace(tenant, keys=left, revoked=tenant.revoked | {event.key})


@_rule.register
def _(event: d.HandedOver, tenant: Tenant) -> Tenant:
    number = len(tenant.handovers) + 1
    handover = Handover(event.handover, event.member, event.rules, number, event.own)
    return replace(tenant, handovers={**tenant.handovers, event.handover: handover})


@_rule.register
def _(event: d.HandoverUndone, tenant: Tenant) -> Tenant:
    undone = replace(tenant.handovers[event.handover], undone=True)
    return replace(tenant, handovers={**tenant.handovers, event.handover: undone})


@_rule.register
def _(event: d.AbsenceSet, tenant: Tenant) -> Tenant:
    others = tuple(a for a in tenant.absences.get(event.member, ()) if a.starts != event.starts)
    absences = (*others, Absence(event.starts, event.until, event.delegates))
    return replace(tenant, absences={**tenant.absences, event.member: absences})


@_rule.register
def _(event: d.AbsenceEnded, tenant: Tenant) -> Tenant:
    shorter = [
        replace(a, until=event.on - timedelta(days=1)) if a.starts == event.starts else a
        for a in tenant.absences.get(event.member, ())
    ]
    left = tuple(a for a in shorter if a.starts <= a.until)
    return replace(tenant, absences={**tenant.absences, event.member: left})


@_rule.register
def _(event: MemberLinked, tenant: Tenant) -> Tenant:
    name = identity(event.issuer, event.subject)
    return replace(tenant, identities={**tenant.identities, name: event.member})


@_rule.register
def _(event: MemberUnlinked, tenant: Tenant) -> Tenant:
    gone = identity(event.issuer, event.subject)
    return replace(tenant, identities={k: v for k, v in tenant.identities.items() if k != gone})


@_rule.register
def _(event: ErasureEvent, tenant: Tenant) -> Tenant:
    return replace(tenant, keeping=keeping_after(event, tenant.keeping))


@_rule.register
def _(event: TenantClosed, tenant: Tenant) -> Tenant:
    return replace(tenant, keeping=keeping_after(event, tenant.keeping), exports=tenant.exports.after_erasure())


@_rule.register
def _(event: ExportEvent, tenant: Tenant) -> Tenant:
    return replace(tenant, exports=exports_after(event, tenant.exports))


@_rule.register
def _(event: AnchorWebhookSet, tenant: Tenant) -> Tenant:
    return replace(tenant, anchor_webhook=event.new)


@_rule.register
def _(event: PersonErased, tenant: Tenant) -> Tenant:
    tenant = replace(tenant, exports=tenant.exports.after_erasure())
    if event.member is None:
        return tenant
    known = tenant.members[event.member]
    called = {field: ERASED if getattr(known, field) else None for field in ("user_name", "external_id")}
    identities = {name: member for name, member in tenant.identities.items() if member != event.member}
    tenant = replace(tenant, identities=identities)
    return _changed(tenant, event.member, name=ERASED, email=ERASED, **called, erased=True, removed=True)


def _with(tenant: Tenant, member: Member) -> Tenant:
    cast("MutableMapping[MemberId, Member]", tenant.members)[member.id] = member
    return tenant


def _changed(tenant: Tenant, member: MemberId, **changes: object) -> Tenant:
    known = tenant.members[member]
    return _with(tenant, replace(known, **changes, changes=known.changes + 1))  # type: ignore[arg-type]  # names are ours
