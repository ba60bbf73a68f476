"""What the pages keep from whom, and what they never let happen."""

import pytest

from commands.tenants import DeactivateMember
from infra.ids import uuid7
from tests.queries.playing import PURCHASE
from tests.services.console.looking import PAGES, elements_of, office, text_of

ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


async def test_a_foreign_run_looks_like_one_that_never_was(database: str) -> None:
    async with office(database) as o:
        other = await o.world.company()
        foreign = await other.start(await other.publish(PURCHASE), "よその人", other.today)
        await o.world.shown()
        o.company.at = other.at
        unknown = await o.see(f"runs/{uuid7()}")
        assert unknown.status_code == 404
        for run in (foreign, "not-an-id"):
            page = await o.see(f"runs/{run}")
            assert (page.status_code, page.text, dict(page.headers)) == (404, unknown.text, dict(unknown.headers))


async def test_a_confidential_run_looks_like_none_to_those_it_is_none_of(database: str) -> None:
    async with office(database) as o:
        bystander = await o.company.hire("通りすがり")
        assert (await o.see(f"runs/{o.leaving}", bystander)).status_code == 404
        assert "退職 太郎" not in (await o.see("", bystander)).text
        assert (await o.see(f"runs/{o.leaving}", o.worker)).status_code == 200


async def test_names_are_text_and_never_markup(database: str) -> None:
    async with office(database, name=ATTACK, subject=ATTACK) as o:
        for path in (*PAGES, f"runs/{o.leaving}"):
            page = await o.see(path, o.company.owner, reason=ATTACK)
            tags = {tag for tag, _ in elements_of(page)}
            assert "script" not in tags
            assert not [a for _, attributes in elements_of(page) for a in attributes if a.startswith("on")]
        assert "<script>alert(1)" in text_of(await o.see(""))


async def test_no_page_reaches_outside(database: str) -> None:
    async with office(database) as o:
        for path in (*PAGES, f"runs/{o.leaving}", "nowhere"):
            page = await o.see(path)
            for tag, attributes in elements_of(page):
                for name in ("href", "src", "action", "content"):
                    value = attributes.get(name) or ""
                    assert "//" not in value, (tag, value)
        async with o.browser() as client:
            style = await client.get("/console/static/console.css")
        assert "url(" not in style.text
        assert "@import" not in style.text


async def test_pages_let_nothing_run_and_are_not_kept(database: str) -> None:
    async with office(database) as o:
        headers = (await o.see("")).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "style" not in {name for _, a in elements_of(await o.see("")) for name in a}


@pytest.mark.parametrize(
    ("permission", "forbidden"),
    [
        ("member", {"load", "dependence", "trail", "seats", "evidence", "reads", "exports", "projections"}),
        ("auditor", {"tasks"}),
    ],
)
async def test_pages_are_for_those_who_may_see_them(database: str, permission: str, forbidden: set[str]) -> None:
    async with office(database) as o:
        member = await o.company.hire("新しい 人", permission)  # type: ignore[arg-type]  # one of the permissions
        found = {path: (await o.see(path, member)).status_code for path in PAGES}
        assert found == {path: 403 if path in forbidden else 200 for path in PAGES}
        navigation = [str(a["href"]) for tag, a in elements_of(await o.see("", member)) if tag == "a"]
        assert not [href for href in navigation if href.removeprefix("/console/") in forbidden]


async def test_a_former_member_sees_nothing(database: str) -> None:
    async with office(database) as o, o.browser(o.worker) as client:
        assert (await client.get("/console/")).status_code == 200
        await o.company.do(DeactivateMember(o.worker, leave_duties=True), reason="退職")
        assert (await client.get("/console/")).status_code == 403
