"""The directory: the company, its departments, people and procedures, as lists and labels need them."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Meta
from domain.personal import ERASED
from domain.procedures import events as p
from domain.procedures.definition import Definition
from domain.tenants import events as t
from domain.tenants.erasure_events import PersonErased, TenantClosed
from projections.engine import Projection, Row, Rows

DDL = """
CREATE TABLE company (
    tenant_id uuid NOT NULL PRIMARY KEY, name text NOT NULL, time_zone text NOT NULL);
CREATE TABLE department (
    tenant_id uuid NOT NULL, department text NOT NULL, title text NOT NULL,
    PRIMARY KEY (tenant_id, department));
CREATE TABLE person (
    tenant_id uuid NOT NULL, member_id uuid NOT NULL, name text NOT NULL, email text NOT NULL,
    permission text NOT NULL, department text, status text NOT NULL,
    PRIMARY KEY (tenant_id, member_id));
CREATE TABLE procedure_card (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, title text NOT NULL, department text NOT NULL,
    version int NOT NULL, steps int NOT NULL, has_draft boolean NOT NULL, retired boolean NOT NULL,
    confidential boolean NOT NULL, roles jsonb NOT NULL, people uuid[] NOT NULL, changed_seq bigint NOT NULL,
    PRIMARY KEY (tenant_id, procedure_id));
CREATE TABLE procedure_step (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, step_id text NOT NULL, place int NOT NULL,
    title text NOT NULL, role text NOT NULL, role_title text NOT NULL, approval boolean NOT NULL, named uuid,
    PRIMARY KEY (tenant_id, procedure_id, step_id));
"""


@dataclass(slots=True)
class Company(Row):
    """The tenant's own name and zone."""

    table: ClassVar[str] = "company"
    scope: ClassVar[str] = "tenant_id"
    tenant_id: str
    name: str
    time_zone: str


@dataclass(slots=True)
class Department(Row):
    """A department's title."""

    table: ClassVar[str] = "department"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("department",)
    tenant_id: str
    department: str
    title: str


@dataclass(slots=True)
class Person(Row):
    """A member, whatever their status."""

    table: ClassVar[str] = "person"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("member_id",)
    tenant_id: str
    member_id: str
    name: str
    email: str
    permission: str
    department: str | None
    status: str


@dataclass(slots=True)
class ProcedureCard(Row):
    """A procedure in a list; what it says is the published version's, or else the draft's.

    `roles` are its roles' titles by their names, `people` the members whom a role names itself.
    """

    table: ClassVar[str] = "procedure_card"
    scope: ClassVar[str] = "procedure_id"
    tenant_id: str
    procedure_id: str
    title: str
    department: str
    version: int
    steps: int
    has_draft: bool
    retired: bool
    confidential: bool
    roles: dict[str, str]
    people: list[str]
    changed_seq: int


@dataclass(slots=True)
class ProcedureStep(Row):
    """What a step is, by the newest published version that has it. `named` is the member whom its role names itself."""

    table: ClassVar[str] = "procedure_step"
    scope: ClassVar[str] = "procedure_id"
    key: ClassVar[tuple[str, ...]] = ("step_id",)
    tenant_id: str
    procedure_id: str
    step_id: str
    place: int
    title: str
    role: str
    role_title: str
    approval: bool
    named: str | None


directory = Projection(
    "directory", version=6, tables=(Company, Department, Person, ProcedureCard, ProcedureStep), ddl=DDL
)


@directory.on(t.TenantSignedUp)
def _signed_up(rows: Rows, event: t.TenantSignedUp, meta: Meta) -> None:
    rows.add(Company(meta.tenant, event.name, event.time_zone))


@directory.on(t.DepartmentAdded)
def _department(rows: Rows, event: t.DepartmentAdded, meta: Meta) -> None:
    rows.add(Department(meta.tenant, event.department, event.title))


@directory.on(t.MemberJoined, t.MemberInvited)
def _member(rows: Rows, event: t.MemberJoined | t.MemberInvited, meta: Meta) -> None:
    status = "active" if isinstance(event, t.MemberJoined) else "invited"
    rows.add(
        Person(
            meta.tenant, event.member, event.name, event.email, event.permission, event.department, status
        )
    )


@directory.on(t.InvitationAccepted, t.MemberReactivated)
def _active(rows: Rows, event: t.InvitationAccepted | t.MemberReactivated, _: Meta) -> None:
    rows.change(Person, event.member).status = "active"


@directory.on(t.InvitationExpired)
def _expired(rows: Rows, event: t.InvitationExpired, _: Meta) -> None:
    rows.change(Person, event.member).status = "expired"


@directory.on(t.MemberDeactivated)
def _deactivated(rows: Rows, event: t.MemberDeactivated, _: Meta) -> None:
    rows.change(Person, event.member).status = "deactivated"


@directory.on(t.MemberProvisioned)
def _provisioned(rows: Rows, event: t.MemberProvisioned, meta: Meta) -> None:
    status = "active" if event.active else "deactivated"
    about = event.name, event.email, event.permission, event.department
    rows.add(Person(meta.tenant, event.member, *about, status))


@directory.on(t.MemberRenamed)
def _renamed(rows: Rows, event: t.MemberRenamed, _: Meta) -> None:
    person = rows.change(Person, event.member)
    person.name, person.email = event.name, event.email


@directory.on(t.MemberMoved)
def _moved(rows: Rows, event: t.MemberMoved, _: Meta) -> None:
    rows.change(Person, event.member).department = event.new


@directory.on(t.PermissionChanged)
def _permission(rows: Rows, event: t.PermissionChanged, _: Meta) -> None:
    rows.change(Person, event.member).permission = event.new


@directory.on(PersonErased)
def _erased(rows: Rows, event: PersonErased, _: Meta) -> None:
    if event.member is not None:
        _erase(rows.change(Person, event.member))


@directory.on(TenantClosed)
def _closed(rows: Rows, _: TenantClosed, __: Meta) -> None:
    for person in list(rows.all(Person)):
        _erase(rows.change(Person, person.member_id))


@directory.on(p.DraftSaved)
def _draft(rows: Rows, event: p.DraftSaved, meta: Meta) -> None:
    card = rows.get(ProcedureCard)
    if card and card.version:
        card = rows.change(ProcedureCard)
        card.has_draft, card.changed_seq = True, meta.seq
        return
    rows.add(_card(event.definition, 0, meta))


@directory.on(p.ProcedurePublished)
def _published(rows: Rows, event: p.ProcedurePublished, meta: Meta) -> None:
    rows.add(_card(event.definition, event.version, meta))
    roles = {role.id: role for role in event.definition.roles}
    for place, step in enumerate(event.definition.steps):
        role = roles[step.role]
        named = str(role.member) if role.rule == "member" and role.member else None
        rows.add(
            ProcedureStep(
                meta.tenant, meta.stream, step.id, place, step.title, str(role.id), role.title, step.approval, named
            )
        )


@directory.on(p.ProcedureRetired)
def _retired(rows: Rows, _: p.ProcedureRetired, meta: Meta) -> None:
    card = rows.change(ProcedureCard)
    card.retired, card.changed_seq = True, meta.seq


def _erase(person: Person) -> None:
    person.name = person.email = ERASED


def _card(says: Definition, version: int, meta: Meta) -> ProcedureCard:
    return ProcedureCard(
        tenant_id=meta.tenant,
        procedure_id=meta.stream,
        title=says.title,
        department=says.department,
        version=version,
        steps=len(says.steps),
        has_draft=not version,
        retired=False,
        confidential=says.confidential,
        roles={str(role.id): role.title for role in says.roles},
        people=sorted({str(role.member) for role in says.roles if role.member}),
        changed_seq=meta.seq,
    )
