"""The pages of figures: each number leads to what is behind it, to nobody more than they may see, now and then."""

import re
from urllib.parse import parse_qsl

from httpx2 import AsyncClient

from commands import runs as r
from commands.tenants import ChoosePlan, SetRoleHolders
from domain.ids import RoleId, StepId
from queries.procedures_list import procedures_list
from tests.services.console.looking import FIGURES, Office, elements_of, office, text_of

LISTS = ("flow/runs", "flow/turns", "flow/returns", "flow/waiting", "dependence", "dependence/", "subjects/runs", "due")
NONSENSE = (
    "flow?weeks=2",
    "flow?until=9999-12-31",
    "flow?until=0001-01-01",
    "flow?procedure=1",
    "flow/runs?what=done",
    "flow/runs?at_least=-1",
    "flow/runs?at_least=99999999999",
    "flow/runs?after=x",
    "flow/runs?after=2026-01-01~x",
    "flow/turns",
    "flow/turns?step=letter",
    "flow/waiting?step=letter",
    "flow/waiting?after=never~x~y",
    "due?to=soon",
    "due?after=2~2026-01-01~x~y",
    "dependence/absence",
    "dependence/turns",
    "subjects/runs",
    "subjects?after=x",
)


def links(page: str, *paths: str) -> list[str]:
    """Where a page leads to, among the lists below some paths."""
    found = re.findall(r'href="(/console/[^"#]*)', page)
    return sorted({href.replace("&amp;", "&") for href in found if href.removeprefix("/console/").startswith(paths)})


async def story(o: Office) -> None:
    """Both runs are carried on: one is completed, and of the other a step is reopened."""
    await o.company.do(r.CompleteStep(o.buying, StepId("request"), {}), o.worker)
    await o.company.do(r.CompleteStep(o.buying, StepId("order"), {}), o.manager)
    await o.company.do(r.ApproveStep(o.leaving, StepId("approval")), o.manager)
    await o.world.shown()


async def answers(client: AsyncClient, hrefs: list[str]) -> dict[str, int]:
    return {href: (await client.get(href)).status_code for href in hrefs}


async def test_every_number_leads_to_what_is_behind_it(database: str) -> None:
    async with office(database) as o, o.browser(o.company.owner) as client:
        await story(o)
        pages = [*FIGURES, f"flow?procedure={o.purchase}", f"dependence?procedure={o.purchase}"]
        hrefs = [href for path in pages for href in links((await client.get(f"/console/{path}")).text, *LISTS)]
        kinds = {re.sub(r"[?].*", "", href).removeprefix("/console/") for href in hrefs}
        assert {"flow/runs", "flow/turns", "flow/returns", "flow/waiting", "due", "subjects/runs"} <= kinds
        assert {"dependence/turns", "dependence/absence"} <= kinds
        assert set((await answers(client, hrefs)).values()) == {200}


async def test_a_list_holds_what_its_figure_counts(database: str) -> None:
    async with office(database) as o, o.browser(o.company.owner) as client:
        await story(o)
        flow = (await client.get("/console/flow")).text
        runs = [href for href in links(flow, "flow/runs") if "until" not in href and "procedure" not in href]
        (completed,) = [href for href in runs if "what=completed" in href]
        (started,) = [href for href in runs if "what=started" in href]
        ended, begun = text_of(await client.get(completed)), text_of(await client.get(started))
        assert "椅子" in ended
        assert "退職 太郎" not in ended
        assert "退職 太郎" in begun
        (back,) = {h for h in links(flow, "flow/returns") if "what=" not in h}
        returned = await client.get(back)
        assert "戻ってきた仕事" in text_of(returned)
        assert "否認" in text_of(returned)
        (event,) = set(re.findall(r"/console/trail\?after=(\d+)", returned.text))
        told = text_of(await client.get(f"/console/trail?after={event}"))
        assert "差し戻しました" in told.split("#")[1]


async def test_legal_deadlines_come_first_among_what_is_due(database: str) -> None:
    async with office(database) as o:
        o.company.later(days=12)
        text = text_of(await o.see("due", to=str(o.company.today.replace(year=2025))))
        assert text.index("資格喪失届") < text.index("申請")
        assert "法定・期限切れ 1" in text
        only = text_of(await o.see("due", legal="1"))
        assert "申請 椅子" not in only


async def test_what_stops_without_somebody_is_said(database: str) -> None:
    async with office(database) as o:
        text = text_of(await o.see("dependence/absence", member=o.manager))
        assert "が休むと止まること" in text
        assert "退職の承認" in text
        assert (await o.see("dependence/absence", member=str(o.company.tenant))).status_code == 404


async def test_a_role_that_somebody_alone_holds_stops_with_them(database: str) -> None:
    async with office(database) as o:
        alone, spare = await o.company.hire("一人だけの 人"), await o.company.hire("控えの 人")
        await o.company.do(SetRoleHolders(RoleId("keys"), (alone,)))
        await o.world.shown()
        nothing = "この人だけに頼る仕事はありません"
        assert nothing not in text_of(await o.see("dependence/absence", member=alone))
        assert nothing in text_of(await o.see("dependence/absence", member=spare))


async def test_empty_pages_say_what_would_fill_them(database: str) -> None:
    async with office(database) as o:
        then = {"as_of": "#1"}
        assert "案件が完了すると" in text_of(await o.see("flow", **then))
        assert "期限のある案件を始めると" in text_of(await o.see("due", **then))
        assert "割り当てられると" in text_of(await o.see("load", **then))
        assert "工程が完了すると" in text_of(await o.see("dependence", **then))
        assert "案件を始めると" in text_of(await o.see("subjects", **then))


async def test_somebody_from_outside_is_told_of_their_own_runs_alone(database: str) -> None:
    async with office(database) as o:
        await story(o)
        partner = await o.company.hire("外の 人", "partner")
        theirs = await o.company.start(o.purchase, "机", o.company.today)
        await o.company.do(r.ReassignStep(theirs, StepId("request"), partner), reason="外注")
        await o.world.shown()
        for path in ("flow", "due", "subjects", "flow/runs", "flow/waiting", f"subjects/runs?run={o.leaving}"):
            async with o.browser(partner) as client:
                page = await client.get(f"/console/{path}")
            assert page.status_code == 200, path
            for hidden in ("退職", "椅子", "人事部", "働く 人"):
                assert hidden not in text_of(page), (path, hidden)
            assert ("机" in text_of(page)) == (path in ("due", "subjects", "flow/waiting")), path


async def test_a_confidential_run_is_in_no_figure_of_a_bystander(database: str) -> None:
    async with office(database) as o:
        bystander = await o.company.hire("通りすがり")
        await o.world.shown()
        for path in ("flow", "due", "subjects", "flow/runs?what=started", "flow/waiting"):
            async with o.browser(bystander) as client:
                page = text_of(await client.get(f"/console/{path}"))
            assert "退職" not in page, path
        assert "椅子" in text_of(await o.see("subjects", bystander))


async def test_a_step_without_a_turn_is_called_by_its_title_to_those_who_may_know_it(database: str) -> None:
    async with office(database) as o:
        bystander = await o.company.hire("通りすがり")
        await o.world.shown()
        (leaving,) = await procedures_list(o.world.ask, o.company.tenant, department="hr")
        bought = {"procedure": str(o.purchase), "step": "order"}
        left = {"procedure": leaving.procedure_id, "step": "insurance"}
        assert "備品購入 · 発注" in text_of(await o.see("flow/turns", **bought))
        assert "発注" in text_of(await o.see("dependence/turns", member=o.manager, **bought))
        assert "資格喪失届" in text_of(await o.see("flow/turns", o.worker, **left))
        assert "資格喪失届" not in text_of(await o.see("flow/turns", bystander, **left))
        approval = {**left, "step": "approval"}
        await o.company.do(r.ReassignStep(o.leaving, StepId("approval"), bystander), o.manager, "休暇")
        await o.world.shown()
        for then in ({}, {"as_of": str(o.company.at.isoformat())}):
            assert "退職の承認" in text_of(await o.see("flow/turns", bystander, **approval, **then)), then


async def test_who_may_not_read_the_trail_is_not_led_there(database: str) -> None:
    async with office(database) as o:
        asked = {"procedure": str(o.purchase), "step": "request"}
        await story(o)
        page = await o.see("flow/turns", o.worker, **asked)
        assert "備品購入 · 申請" in text_of(page)
        assert not links(page.text, "trail")
        assert links((await o.see("flow/turns", **asked)).text, "trail")


async def test_long_lists_of_figures_are_looked_through_page_by_page(database: str) -> None:
    async with office(database) as o, o.browser(o.company.owner) as client:
        for number in range(55):
            await o.company.start(o.purchase, f"品目{number:02}", o.company.today)
        await o.world.shown()
        for path in ("due", "subjects", "flow/runs?what=started", "flow/waiting"):
            first = await client.get(f"/console/{path}")
            (more,) = [a["href"] for tag, a in elements_of(first) if tag == "a" and "after=" in (a.get("href") or "")]
            second = await client.get(str(more))
            shown = [{f"品目{n:02}" for n in range(55) if f"品目{n:02}" in text_of(page)} for page in (first, second)]
            assert len(shown[0] | shown[1]) == 55, path
            assert path == "due" or not shown[0] & shown[1], path


async def test_people_are_looked_through_page_by_page_those_with_the_most_first(database: str) -> None:
    async with office(database) as o, o.browser(o.company.owner) as client:
        await o.company.do(ChoosePlan("pro"))
        names = [f"社員{number:02}" for number in range(51)]
        for name in names:
            person = await o.company.hire(name)
            run = await o.company.start(o.purchase, "備品", o.company.today)
            await o.company.do(r.ReassignStep(run, StepId("request"), person), reason="分担")
        await o.world.shown()
        first = await client.get("/console/load")
        assert text_of(first).index("働く 人") < text_of(first).index("社員")
        for place in ("after=", "now="):
            (more,) = [a["href"] for tag, a in elements_of(first) if tag == "a" and place in (a.get("href") or "")]
            second = await client.get(str(more))
            assert "最初から" in text_of(second)
            beyond = [name for name in names if name not in text_of(first)]
            assert [name for name in beyond if name in text_of(second)] == beyond != [], place
            assert (await client.get(f"/console/load?{place}x")).status_code == 400


async def test_figures_that_cannot_be_understood_are_said_so(database: str) -> None:
    async with office(database) as o, o.browser(o.company.owner) as client:
        answered = await answers(client, [f"/console/{path}" for path in NONSENSE])
        assert {href: status for href, status in answered.items() if status != 400} == {}


async def test_a_cell_of_the_load_to_come_leads_to_as_many_steps(database: str) -> None:
    async with office(database) as o:
        o.company.later(days=20)
        cells = re.findall(r'href="/console/due[?]([^"]*)#list">(\d+)<', (await o.see("load")).text)
        assert cells
        for href, count in cells:
            listed = elements_of(await o.see("due", **dict(parse_qsl(href.replace("&amp;", "&")))))
            runs = [a for tag, a in listed if tag == "a" and (a.get("href") or "").startswith("/console/runs/")]
            assert len(runs) == int(count), href
