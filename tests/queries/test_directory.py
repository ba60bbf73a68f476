"""Lists of members, departments and procedures, and the company itself."""

from datetime import timedelta

from commands.directory import ProvisionMember, UpdateProvisioned
from commands.procedures import RetireProcedure
from commands.tenants import DeactivateMember, SetRoleHolders
from domain.ids import DepartmentId, MemberId, RoleId
from domain.tenants.provisioning import Profile
from queries.company import CompanyRow, company
from queries.departments import departments
from queries.members import MemberRow, members
from queries.procedures_list import procedures_list
from queries.role_holders import roles_of
from tests.queries.playing import OFFBOARDING, PURCHASE, world


async def test_the_company_has_its_name_and_zone(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        await w.shown()
        assert await company(w.ask, c.tenant) == CompanyRow("株式会社あしあと", "Asia/Tokyo")
        assert await company(w.ask, c.tenant, as_of=c.at - timedelta(days=1)) is None


async def test_departments_come_by_their_short_names(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        await w.shown()
        assert [d.title for d in await departments(w.ask, c.tenant)] == ["総務部", "人事部"]


async def test_members_come_page_by_page_each_once(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        hired = {await c.hire(name) for name in ("同名", "同名", "あ", "ん", "Z")} | {c.owner}
        await w.shown()
        found: list[MemberRow] = []
        while page := await members(w.ask, c.tenant, limit=2, after=found[-1].after if found else None):
            found += page
        assert [m.member_id for m in found] == list(dict.fromkeys(m.member_id for m in found))
        assert {m.member_id for m in found} == hired


async def test_members_are_found_by_status_as_it_was(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        leaver = await c.hire("去る人")
        then = c.at
        c.later(days=1)
        await c.do(DeactivateMember(leaver), reason="退職")
        await w.shown()
        assert [m.member_id for m in await members(w.ask, c.tenant, status="deactivated")] == [leaver]
        assert await members(w.ask, c.tenant, status="deactivated", as_of=then) == []


async def test_procedures_come_by_title_and_page_by_page(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        leaving, purchase = await c.publish(OFFBOARDING), await c.publish(PURCHASE)
        await c.do(RetireProcedure(purchase), reason="廃止")
        await w.shown()
        (first,) = await procedures_list(w.ask, c.tenant, limit=1)
        (second,) = await procedures_list(w.ask, c.tenant, limit=1, after=first.after)
        assert {first.procedure_id, second.procedure_id} == {leaving, purchase}
        assert await procedures_list(w.ask, c.tenant, after=second.after) == []
        (open_,) = await procedures_list(w.ask, c.tenant, retired=False)
        assert open_.procedure_id == leaving


async def test_roles_are_those_of_their_last_change(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        await c.do(SetRoleHolders(RoleId("hr"), (c.owner,)))
        await c.do(SetRoleHolders(RoleId("it"), (c.owner,)))
        then = c.at
        c.later(days=1)
        await c.do(SetRoleHolders(RoleId("hr"), ()))
        await w.shown()
        assert await roles_of(w.ask, c.tenant, c.owner) == ["it"]
        assert await roles_of(w.ask, c.tenant, c.owner, as_of=then) == ["hr", "it"]


async def test_whom_the_directory_brings_is_listed_as_it_says(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        who = MemberId(c.new_id())
        await c.do(ProvisionMember(who, Profile("yui@people.example", name="結", active=False)))
        came = c.at
        c.later(days=1)
        change = Profile(name="田中 結", email="tanaka@people.example", active=True, department=DepartmentId("hr"))
        await c.do(UpdateProvisioned(who, change))
        await w.shown()
        [now] = [m for m in await members(w.ask, c.tenant) if m.member_id == who]
        [then] = [m for m in await members(w.ask, c.tenant, as_of=came) if m.member_id == who]
        assert now == MemberRow(who, "田中 結", "tanaka@people.example", "member", "hr", "active")
        assert then == MemberRow(who, "結", "yui@people.example", "member", None, "deactivated")
