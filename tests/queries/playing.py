"""A company that is played by real commands on real PostgreSQL, on a simulated clock, and asked afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from random import Random

import psycopg

from commands import runs as r
from commands import tenants as t
from commands.catalogue import Command
from commands.procedures import PublishProcedure, SaveDraft
from commands.request import Receipt, Request
from commands.service import CommandService
from domain.events import Event, Meta
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
    TenantId,
)
from domain.procedures.definition import Anchor, Definition, Due, Field, Role, Step
from domain.tenants.permissions import Permission
from infra.ids import uuid7_at
from infra.keys.opening import Opening
from infra.read_store.asking import Asking
from infra.read_store.folding import STORED, decoded
from infra.read_store.live import Live
from projections.catalogue import PROJECTIONS
from services.bootstrap import Connections, read_side, write_side
from services.dossier import Streams

MONDAY = datetime(2024, 4, 8, 0, 0, tzinfo=UTC)
"""Monday the 8th of April 2024, nine in the morning in Tokyo: when every history begins."""

TOKEN = sha256(b"token").hexdigest()
LAST_DAY = AnchorId("last-day")
OFFBOARDING = Definition(
    title="退職手続き",
    department=DepartmentId("hr"),
    confidential=True,
    anchors=(Anchor(LAST_DAY, "退職日"),),
    roles=(Role(RoleId("hr"), "人事"), Role(RoleId("hr-manager"), "人事責任者"), Role(RoleId("it"), "情シス", "open")),
    steps=(
        Step(
            StepId("letter"),
            "退職届の受理",
            RoleId("hr"),
            due=Due(-14, anchor=LAST_DAY),
            fields=(
                Field(FieldId("address"), "転居先", personal=True),
                Field(FieldId("kind"), "事由", "choice", choices=("自己都合", "会社都合")),
            ),
        ),
        Step(
            StepId("approval"),
            "退職の承認",
            RoleId("hr-manager"),
            after=(StepId("letter"),),
            approval=True,
            not_same_actor_as=(StepId("letter"),),
        ),
        Step(
            StepId("insurance"),
            "資格喪失届",
            RoleId("hr"),
            after=(StepId("approval"),),
            due=Due(5, anchor=LAST_DAY, legal=True, basis="健康保険法施行規則29条"),
        ),
        Step(StepId("accounts"), "アカウントの停止", RoleId("it"), after=(StepId("approval"),)),
    ),
)
PURCHASE = Definition(
    title="備品購入",
    department=DepartmentId("general-affairs"),
    anchors=(Anchor(LAST_DAY, "希望日"),),
    roles=(Role(RoleId("it"), "情シス"), Role(RoleId("hr-manager"), "責任者", "holder")),
    steps=(
        Step(StepId("request"), "申請", RoleId("it"), due=Due(-3, "business_days", LAST_DAY)),
        Step(StepId("order"), "発注", RoleId("hr-manager"), after=(StepId("request"),), due=Due(0, anchor=LAST_DAY)),
    ),
)


@dataclass
class Company:
    """A tenant being played; `at` is its clock."""

    world: "World"
    chance: Random
    at: datetime = MONDAY

    def __post_init__(self) -> None:
        self.tenant, self.owner = TenantId(self.new_id()), MemberId(self.new_id())

    def new_id(self) -> str:
        """An id that is the same in every run of a test: who gets a step depends on it."""
        return uuid7_at(int(self.at.timestamp() * 1000), self.chance.randbytes(10))

    @property
    def today(self) -> date:
        """The day it is in Tokyo."""
        return (self.at + timedelta(hours=9)).date()

    def later(self, **how_long: float) -> None:
        """Let time pass."""
        self.at += timedelta(**how_long)

    async def do(self, command: Command, by: MemberId | None = None, reason: str | None = None) -> Receipt:
        """Carry a command out now, as the owner unless another is named. Raises its Refusal."""
        self.at = self.world.not_before(self.at)
        request = Request(
            self.tenant,
            CommandId(self.new_id()),
            self.at,
            actor=by or self.owner,
            reason=reason,
            simulated=True,
        )
        return await self.world.commands.execute(request, command)

    async def sign_up(
        self, name: str = "株式会社あしあと", owner_name: str = "青木 愛子", zone: str = "Asia/Tokyo"
    ) -> None:
        """Open the account, with its departments."""
        email = f"owner@{self.tenant[-6:]}.example"
        key, digest = self.new_id(), sha256(b"key").hexdigest()
        await self.do(t.SignUp(name, zone, self.owner, owner_name, email, key, digest))
        for department, title in (("hr", "人事部"), ("general-affairs", "総務部")):
            await self.do(t.AddDepartment(DepartmentId(department), title))

    async def invite(self, name: str, permission: Permission = "member") -> MemberId:
        """Invite a person; who they are."""
        member = MemberId(self.new_id())
        email = f"{member}@people.example"
        await self.do(t.InviteMember(member, name, email, permission, DepartmentId("hr"), TOKEN))
        return member

    async def accept(self, member: MemberId) -> None:
        """Let an invited person join."""
        await self.do(t.AcceptInvitation(member, TOKEN, self.new_id(), sha256(member.encode()).hexdigest()), by=member)

    async def hire(self, name: str, permission: Permission = "member") -> MemberId:
        """Invite a person who joins at once."""
        member = await self.invite(name, permission)
        await self.accept(member)
        return member

    async def publish(self, definition: Definition) -> ProcedureId:
        """A procedure that runs can start with."""
        procedure = ProcedureId(self.new_id())
        await self.do(SaveDraft(procedure, definition))
        await self.do(PublishProcedure(procedure))
        return procedure

    async def start(self, procedure: ProcedureId, subject: str, last_day: date, by: MemberId | None = None) -> RunId:
        """Start a run."""
        run = RunId(self.new_id())
        await self.do(r.StartRun(run, procedure, subject, {LAST_DAY: last_day}), by)
        return run

    async def events(self) -> list[tuple[Event, Meta]]:
        """Every event of the company, in order."""
        return await asyncio.to_thread(_events, self.world.dsn, self.tenant)


@dataclass
class World:
    """The write side, the read models and what asks them."""

    dsn: str
    commands: CommandService
    ask: Asking
    connections: Connections
    streams: Streams
    live: Live
    last: datetime = MONDAY
    companies: int = 0

    def not_before(self, at: datetime) -> datetime:
        """The clock of the log never goes back, whoever writes."""
        self.last = max(self.last, at)
        return self.last

    async def shown(self) -> None:
        """Bring the read models up to date."""
        await asyncio.to_thread(_catch_up, self.live.step)

    async def company(self, zone: str = "Asia/Tokyo") -> Company:
        """A company that has signed up."""
        self.companies += 1
        company = Company(self, Random(self.companies), self.last)
        await company.sign_up(zone=zone)
        return company


@asynccontextmanager
async def world(dsn: str) -> AsyncIterator[World]:
    """Everything that companies need, on a migrated database."""
    async with write_side(dsn) as write, read_side(dsn) as read:
        with Live(dsn, PROJECTIONS) as live:
            yield World(dsn, write.commands, read.ask, write.connections, write.reader.read, live)


def _catch_up(step: Callable[[], int]) -> None:
    while step():
        pass


def _events(dsn: str, tenant: str) -> list[tuple[Event, Meta]]:
    with psycopg.connect(dsn) as connection:
        stored = connection.execute(
            f"SELECT {STORED} FROM events WHERE tenant_id = %s ORDER BY tenant_seq", (tenant,)
        ).fetchall()
        return decoded(stored, Opening(connection))
