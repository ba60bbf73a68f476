"""Companies whose history is left to chance: what may be refused is tried all the same."""

from contextlib import suppress
from datetime import timedelta
from random import Random

from commands import directory as d
from commands import runs as r
from commands import tenants as t
from commands.catalogue import Command
from commands.runs import RunCommand
from domain.events import Event
from domain.ids import MemberId, RoleId, RunId, StepId
from domain.refusals import Refusal
from domain.runs.state import Run, fold
from domain.tenants.permissions import Permission
from domain.tenants.provisioning import Profile
from tests.queries.playing import OFFBOARDING, PURCHASE, Company, World

PERMISSIONS: tuple[Permission, ...] = ("member", "member", "manager", "auditor", "partner")


async def seats_by_chance(world: World, seed: int, turns: int = 60, zone: str = "Asia/Tokyo") -> Company:
    """People come, go, return and change what they may do, over some months."""
    chance = Random(seed)
    company = await world.company(zone)
    if chance.random() < 0.75:
        await company.do(t.ChoosePlan("lite"))
    people: list[MemberId] = []
    for _ in range(turns):
        company.later(hours=chance.choice((0, 0, 5, 30, 60, 100)))
        with suppress(Refusal):
            await _one_of_people(company, people, chance)
    return company


async def _one_of_people(company: Company, people: list[MemberId], chance: Random) -> None:
    if not people or chance.random() < 0.4:
        people.append(await company.invite(f"人{len(people)}", chance.choice(PERMISSIONS)))
        return
    who = chance.choice(people[-6:])
    if chance.random() < 0.35:
        await company.accept(who)
        return
    if chance.random() < 0.2:
        await company.do(_coming(company, people, chance))
        return
    choices: tuple[Command, ...] = (
        t.DeactivateMember(who, leave_duties=True),
        t.ReactivateMember(who),
        t.ReactivateMember(chance.choice(people)),
        t.ChangePermission(who, chance.choice(PERMISSIONS)),
        t.ChoosePlan(chance.choice(("lite", "standard", "pro"))),
        d.UpdateProvisioned(who, Profile(active=chance.random() < 0.5)),
        d.UpdateProvisioned(who, Profile(permission=chance.choice(PERMISSIONS), name="別名")),
        d.RemoveProvisioned(who),
    )
    await company.do(chance.choice(choices), reason="理由があります")


def _coming(company: Company, people: list[MemberId], chance: Random) -> d.ProvisionMember:
    """Someone whom the directory brings in: new, or who was invited."""
    member = MemberId(company.new_id())
    called = chance.choice([*people, member])
    people.append(member)
    permission = chance.choice(PERMISSIONS)
    profile = Profile(f"{called}@people.example", active=chance.random() < 0.8, permission=permission)
    return d.ProvisionMember(member, profile)


async def runs_by_chance(world: World, seed: int, turns: int = 120) -> Company:
    """Runs are started, done, sent back, reopened, put off and given up, over some months."""
    chance = Random(seed)
    company = await world.company()
    await company.do(t.ChoosePlan("standard"))
    people = [company.owner] + [await company.hire(f"人{n}", "manager") for n in range(3)]
    for role in ("hr", "hr-manager", "it"):
        await company.do(t.SetRoleHolders(RoleId(role), tuple(chance.sample(people, 2))))
    procedures = [await company.publish(OFFBOARDING), await company.publish(PURCHASE)]
    runs: list[RunId] = []
    for _ in range(turns):
        company.later(hours=chance.choice((0, 3, 9, 25)))
        if not runs or chance.random() < 0.15:
            day = company.today + timedelta(days=chance.randrange(-10, 40))
            runs.append(await company.start(chance.choice(procedures), f"対象{len(runs)}", day))
            continue
        with suppress(Refusal):
            await _one_of_steps(company, chance.choice(runs), people, chance)
    return company


async def _one_of_steps(company: Company, run: RunId, people: list[MemberId], chance: Random) -> None:
    step = StepId(chance.choice(("letter", "approval", "insurance", "accounts", "request", "order")))
    day = company.today + timedelta(days=chance.randrange(-5, 20))
    work: list[RunCommand] = [r.CompleteStep(run, step, {}), r.ApproveStep(run, step), r.TakeStep(run, step)]
    rest: list[RunCommand] = [
        r.RejectStep(run, step),
        r.SendBack(run, step),
        r.SkipStep(run, step),
        r.ReopenStep(run, step),
        r.ReassignStep(run, step, chance.choice(people)),
        r.ChangeDueDate(run, step, day),
    ]
    command = chance.choice(work if chance.random() < 0.6 else rest)
    if chance.random() < 0.02:
        command = r.CancelRun(run)
    await company.do(command, chance.choice(people), "理由があります")


async def runs_to_their_end(world: World, seed: int) -> Company:
    """Runs left to chance; then most are carried on to their end, and some go back from there."""
    company = await runs_by_chance(world, seed)
    chance = Random(seed)
    for _ in range(8):
        company.later(hours=chance.choice((3, 20, 70, 200)))
        for run, state in (await _states(company)).items():
            if chance.random() < 0.7:
                await _carry_on(company, run, state, chance)
    for run, state in (await _states(company)).items():
        if chance.random() < 0.3:
            with suppress(Refusal):
                await company.do(r.ReopenStep(run, chance.choice([*state.steps])), reason="誤りがあります")
    return company


async def _carry_on(company: Company, run: RunId, state: Run, chance: Random) -> None:
    for step, is_ready in {name: s for name, s in state.steps.items() if s.status == "ready"}.items():
        work: tuple[RunCommand, ...] = (r.CompleteStep(run, step, {}), r.ApproveStep(run, step))
        if chance.random() < 0.1:
            work = (r.SendBack(run, step), r.RejectStep(run, step))
        for command in work if is_ready.assignee else (r.TakeStep(run, step),):
            with suppress(Refusal):
                await company.do(command, is_ready.assignee or company.owner, "理由があります")


async def _states(company: Company) -> dict[RunId, Run]:
    streams: dict[RunId, list[Event]] = {}
    for event, meta in await company.events():
        if meta.type.startswith("run."):
            streams.setdefault(RunId(meta.stream), []).append(event)
    return {run: fold(events) for run, events in streams.items()}
