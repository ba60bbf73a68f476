"""What has happened to a tenant. Released types never change their stored form: golden files hold it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.ids import DepartmentId, MemberId
from domain.personal import personal
from domain.tenants.anchor_events import AnchorEvent
from domain.tenants.duty_events import DutyEvent
from domain.tenants.erasure_events import ErasureEvent
from domain.tenants.export_events import ExportEvent
from domain.tenants.identity_events import IdentityEvent
from domain.tenants.permissions import Permission
from domain.tenants.plan_events import PlanEvent


@dataclass(frozen=True, slots=True)
class TenantSignedUp:
    """A company opened its account."""

    type: ClassVar[str] = "tenant.signed_up"
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """The 15-day trial began; at `ends_at` the tenant becomes read-only unless a plan was chosen."""

    type: ClassVar[str] = "tenant.trial_started"
    ends_at: datetime
    seats: int


@dataclass(frozen=True, slots=True)
class PlanChosen:
    """A plan took effect; `seats` is its limit, None for no limit. The price is the one agreed on, whatever comes."""

    type: ClassVar[str] = "tenant.plan_chosen"
    schema: ClassVar[int] = 2
    old: str | None
    new: str
    seats: int | None
    yen_a_month: int


@dataclass(frozen=True, slots=True)
class DepartmentAdded:
    """A department exists from now on."""

    type: ClassVar[str] = "tenant.department_added"
    department: DepartmentId
    title: str


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """The first owner, who signed the company up: no invitation was needed."""

    type: ClassVar[str] = "tenant.member_joined"
    member: MemberId
    permission: Permission
    department: DepartmentId | None
    name: str = personal(of="member")
    email: str = personal(of="member")


@dataclass(frozen=True, slots=True)
class MemberInvited:
    """An invitation holds a seat until it is accepted, or expires. Only the token's SHA-256 is kept."""

    type: ClassVar[str] = "tenant.member_invited"
    member: MemberId
    permission: Permission
    department: DepartmentId | None
    expires_at: datetime
    token_sha256: str
    name: str = personal(of="member")
    email: str = personal(of="member")


@dataclass(frozen=True, slots=True)
class InvitationAccepted:
    """The invited person became an active member."""

    type: ClassVar[str] = "tenant.invitation_accepted"
    member: MemberId


@dataclass(frozen=True, slots=True)
class InvitationExpired:
    """Nobody accepted in time: the seat is free again."""

    type: ClassVar[str] = "tenant.invitation_expired"
    member: MemberId


@dataclass(frozen=True, slots=True)
class MemberDeactivated:
    """The member can do nothing more and holds no seat; their history stays."""

    type: ClassVar[str] = "tenant.member_deactivated"
    member: MemberId


@dataclass(frozen=True, slots=True)
class MemberReactivated:
    """The member is active again and holds a seat."""

    type: ClassVar[str] = "tenant.member_reactivated"
    member: MemberId


@dataclass(frozen=True, slots=True)
class MemberProvisioned:
    """The company's directory brought a person in, without an invitation; who is not active holds no seat yet.

    `user_name` is None while it is the address.
    """

    type: ClassVar[str] = "tenant.member_provisioned"
    member: MemberId
    permission: Permission
    department: DepartmentId | None
    active: bool
    name: str = personal(of="member")
    email: str = personal(of="member")
    user_name: str | None = personal(of="member")
    external_id: str | None = personal(of="member")


@dataclass(frozen=True, slots=True)
class MemberRenamed:
    """What a member is called by people and by the directory is now this."""

    type: ClassVar[str] = "tenant.member_renamed"
    member: MemberId
    name: str = personal(of="member")
    email: str = personal(of="member")
    user_name: str | None = personal(of="member")
    external_id: str | None = personal(of="member")


@dataclass(frozen=True, slots=True)
class MemberMoved:
    """The member works in another department, or in none."""

    type: ClassVar[str] = "tenant.member_moved"
    member: MemberId
    old: DepartmentId | None
    new: DepartmentId | None


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    """The directory knows them no more: it is told "not found" from now on. Their history stays."""

    type: ClassVar[str] = "tenant.member_removed"
    member: MemberId


@dataclass(frozen=True, slots=True)
class PermissionChanged:
    """What a member may do changed."""

    type: ClassVar[str] = "tenant.permission_changed"
    member: MemberId
    old: Permission
    new: Permission


@dataclass(frozen=True, slots=True)
class AccessEndSet:
    """When the access of an auditor ends by itself; None once they are no auditor any more."""

    type: ClassVar[str] = "tenant.access_end_set"
    member: MemberId
    old: datetime | None
    new: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKeyIssued:
    """A key that acts as a member; only its SHA-256 is kept. Keys older than schema 2 have no limits.

    At `expires_at` it ends; a `read_only` one carries no command out; `only` names all that it does, as rows of the
    table of permissions, None for whatever its member may.
    """

    type: ClassVar[str] = "tenant.api_key_issued"
    schema: ClassVar[int] = 2
    key: str
    member: MemberId
    label: str
    sha256: str
    expires_at: datetime | None = None
    read_only: bool = False
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ApiKeyRevoked:
    """The key opens nothing any more."""

    type: ClassVar[str] = "tenant.api_key_revoked"
    key: str


TenantEvent = (
    TenantSignedUp
    | TrialStarted
    | PlanChosen
    | DepartmentAdded
    | MemberJoined
    | MemberInvited
    | InvitationAccepted
    | InvitationExpired
    | MemberDeactivated
    | MemberReactivated
    | MemberProvisioned
    | MemberRenamed
    | MemberMoved
    | MemberRemoved
    | PermissionChanged
    | AccessEndSet
    | ApiKeyIssued
    | ApiKeyRevoked
    | PlanEvent
    | ErasureEvent
    | ExportEvent
    | AnchorEvent
    | DutyEvent
    | IdentityEvent
)
