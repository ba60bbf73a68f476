"""64 clients of two processes who all want the same seats at once, on clocks that differ; and the log they leave."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

import pytest

from commands import directory as d
from commands import tenants as t
from commands.catalogue import Command
from commands.request import Contention, Request
from commands.service import CommandService
from domain.ids import CommandId, MemberId, TenantId
from domain.refusals import Refusal
from domain.tenants import decisions
from domain.tenants.permissions import Permission
from domain.tenants.provisioning import Profile
from infra.ids import uuid7
from services.bootstrap import write_side

CLIENTS = 64
SKEWS = (timedelta(milliseconds=-40), timedelta(milliseconds=40))
"""How far each process's clock is from the log's."""
OPEN_FOR = timedelta(milliseconds=250)
TOKEN = sha256(b"token").hexdigest()
PERMISSIONS: tuple[Permission, ...] = ("member", "member", "partner", "auditor")


@contextmanager
def short_invitations() -> Iterator[None]:
    """Invitations run out within a moment, by the real clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decisions, "INVITATION_DAYS", OPEN_FOR / timedelta(days=1))
        yield


@dataclass
class Crowd:
    """The company that they all are in, and what came of their commands."""

    processes: list[CommandService]
    tenant: TenantId
    owner: MemberId
    people: list[MemberId] = field(default_factory=list)
    joined: list[MemberId] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    async def do(self, process: int, command: Command, by: MemberId | None = None) -> None:
        """Carry a command out by a process's own clock, and count what came of it."""
        at = datetime.now(UTC) + SKEWS[process]
        request = Request(self.tenant, CommandId(uuid7()), at, by or self.owner, reason="理由があります")
        try:
            receipt = await self.processes[process].execute(request, command)
            outcome = command.name if receipt.events else "so already"
            if by is not None and receipt.events:
                self.joined.append(by)
        except (Refusal, Contention) as refused:
            outcome = getattr(refused, "code", "contention")
        self.outcomes[outcome] += 1

    async def client(self, number: int, chance: Random, turns: int) -> None:
        """One client's turns, one after the other."""
        for _ in range(turns):
            command, by = self._one(chance, f"c{number}-{chance.getrandbits(40)}")
            await self.do(number % len(self.processes), command, by)

    def _one(self, chance: Random, name: str) -> tuple[Command, MemberId | None]:
        dice = chance.random()
        if not self.people or dice < 0.4:
            member = MemberId(uuid7())
            self.people.append(member)
            email = f"{name}@people.example"
            return t.InviteMember(member, name, email, chance.choice(PERMISSIONS), None, TOKEN), None
        who = chance.choice(self.people[-60:])
        if dice < 0.65:
            return t.AcceptInvitation(who, TOKEN, uuid7(), sha256(who.encode()).hexdigest()), who
        anyone, permission = chance.choice(self.joined or self.people), chance.choice(PERMISSIONS)
        choices: tuple[Command, ...] = (
            t.DeactivateMember(who),
            t.DeactivateMember(anyone),
            t.ReactivateMember(anyone),
            d.ProvisionMember(MemberId(uuid7()), Profile(f"{name}@people.example", permission=permission)),
            d.UpdateProvisioned(anyone, Profile(active=chance.random() < 0.5, permission=permission)),
            t.ChangePermission(who, permission),
            t.ChangePermission(anyone, permission),
            t.ChoosePlan("standard" if chance.random() < 0.1 else "lite"),
        )
        return chance.choice(choices), None


async def rush(dsn: str, seed: int, turns: int) -> Crowd:
    """Let them all loose; the company they leave behind."""
    with short_invitations():
        async with AsyncExitStack() as stack:
            sides = [await stack.enter_async_context(write_side(dsn)) for _ in SKEWS]
            crowd = Crowd([side.commands for side in sides], TenantId(uuid7()), MemberId(uuid7()))
            key, digest = uuid7(), sha256(b"key").hexdigest()
            owner = t.SignUp("席の会社", "Asia/Tokyo", crowd.owner, "愛子", "aiko@people.example", key, digest)
            await crowd.do(0, owner)
            await crowd.do(0, t.ChoosePlan("lite"))
            chances = [Random(f"{seed}/{n}") for n in range(CLIENTS)]
            for half in (turns // 2, turns - turns // 2):
                await asyncio.gather(*(crowd.client(n, chance, half) for n, chance in enumerate(chances)))
                # However fast the machine is, some invitations are to run out on the way.
                await asyncio.sleep(OPEN_FOR.total_seconds())
    return crowd
