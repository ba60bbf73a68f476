"""The page of a run: what its steps ask and were given, what was said, and what was refused."""

from dataclasses import replace

import pytest

from commands import runs as r
from domain.ids import FieldId, StepId
from domain.procedures.definition import Field
from domain.refusals import NotPermitted
from services.console.markdown import markdown
from tests.queries.playing import PURCHASE
from tests.services.console.looking import Office, elements_of, office, text_of

INSTRUCTIONS = "# 手順\n\n- **見積書**を確かめます。\n- <script>alert(1)</script>"


async def asking(o: Office) -> str:
    """A run whose first step asks for much."""
    first, second = PURCHASE.steps
    form = (Field(FieldId("amount"), "金額", "amount", required=True), Field(FieldId("agreed"), "同意", "check"))
    steps = (replace(first, instructions=INSTRUCTIONS, checklist=("見積書の日付",), fields=form), second)
    procedure = await o.company.publish(replace(PURCHASE, steps=steps))
    run = await o.company.start(procedure, "机", o.company.today)
    await o.world.shown()
    return run


async def test_a_step_shows_how_it_is_done(database: str) -> None:
    async with office(database) as o:
        page = await o.see(f"runs/{await asking(o)}")
        text = text_of(page)
        assert "見積書を確かめます" in text.replace(" ", "")
        for words in ("確認項目 見積書の日付", "金額 必須 未入力", "希望日の3営業日前 社内", "希望日当日 社内"):
            assert words in text
        assert ("h4", {}) in elements_of(page)
        assert "script" not in {tag for tag, _ in elements_of(page)}


async def test_a_step_shows_what_was_filled_in(database: str) -> None:
    async with office(database) as o:
        run = await asking(o)
        before = f"#{(await o.company.events())[-1][1].seq}"
        values = {"amount": "1234567", "agreed": True}
        await o.company.do(r.CompleteStep(run, StepId("request"), values, (0,)), o.worker)  # type: ignore[arg-type]
        await o.world.shown()
        text = text_of(await o.see(f"runs/{run}"))
        assert "金額 必須 1,234,567 同意 はい" in text
        assert "未入力" in text_of(await o.see(f"runs/{run}", as_of=before))
        assert "自己都合" in text_of(await o.see(f"runs/{o.leaving}"))


async def test_a_legal_deadline_tells_its_basis_and_that_it_needs_a_check(database: str) -> None:
    async with office(database) as o:
        text = text_of(await o.see(f"runs/{o.leaving}"))
        assert "退職日から5日後 法定 健康保険法施行規則29条 · 専門家の確認が必要" in text
        assert "専門家（社会保険労務士・税理士・弁護士など）の確認が必要です" in text
        assert "専門家" not in text_of(await o.see(f"runs/{o.buying}"))
        assert "5 days after 退職日" in text_of(await o.see(f"runs/{o.leaving}", lang="en"))


async def test_comments_are_shown_to_whoever_may_see_the_run(database: str) -> None:
    async with office(database) as o:
        written = await o.company.do(r.Comment(o.leaving, StepId("letter"), "<b>原本</b>待ち"), o.worker)
        await o.world.shown()
        for who in (o.worker, o.manager):
            text = text_of(await o.see(f"runs/{o.leaving}", who))
            assert "働く 人" in text
            assert "<b>原本</b>待ち" in text
        assert "原本" not in text_of(await o.see(f"runs/{o.leaving}", as_of=f"#{written.seq - 1}"))


async def test_refusals_are_shown_to_those_who_may_read_the_trail(database: str) -> None:
    async with office(database) as o:
        with pytest.raises(NotPermitted):
            await o.company.do(r.SkipStep(o.leaving, StepId("approval")), o.worker, "急ぐため")
        await o.world.shown()
        told = "働く 人の操作「工程の省略」は受け付けられませんでした（権限がないため）"
        assert told in text_of(await o.see(f"runs/{o.leaving}", o.manager))
        assert told in text_of(await o.see("trail", o.manager, stream=o.leaving))
        assert "受け付けられませんでした" not in text_of(await o.see(f"runs/{o.leaving}", o.worker))


async def test_who_skipped_a_step_is_said(database: str) -> None:
    async with office(database) as o:
        await o.company.do(r.SkipStep(o.buying, StepId("request")), o.manager, "在庫があるため")
        await o.world.shown()
        text = text_of(await o.see("trail", type="run.step_skipped"))
        assert "株式会社あしあとが「申請」を省略しました" in text
        assert "在庫があるため" in text


async def test_the_trail_tells_runs_apart_and_shows_titles(database: str) -> None:
    async with office(database) as o:
        text = text_of(await o.see("trail"))
        assert "退職 太郎 退職手続き" in text
        assert "椅子 備品購入" in text
        assert "退職日 2024年4月14日(日)" in text
        assert "役割「情シス」" in text
        assert "転居先 ●●●" in text
        for short in ("last-day", "address", "hr-manager"):
            assert short not in text


async def test_counts_leave_confidential_runs_out(database: str) -> None:
    async with office(database) as o:
        bystander = await o.company.hire("通りすがり")
        await o.world.shown()
        text = text_of(await o.see("", bystander))
        assert "人事部" not in text
        assert "退職手続き" not in text
        assert "人事部" in text_of(await o.see("", o.manager))


@pytest.mark.parametrize("path", ["/", "/console/nope", "/console/runs/x/y"])
async def test_a_browser_finds_a_page_and_not_json(database: str, path: str) -> None:
    async with office(database) as o, o.browser() as client:
        page = await client.get(path, headers={"accept-language": "ja"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.status_code == (200 if path == "/" else 404)
        assert "足跡" in text_of(page)


async def test_names_stand_apart_from_the_direction_of_the_text(database: str) -> None:
    async with office(database, name="אברהם", subject="אברהם") as o:
        for path in ("", "tasks", "trail", f"runs/{o.leaving}"):
            page = await o.see(path, o.manager)
            body = page.text.partition("<main")[2]
            found = body.replace("<option", "<bdi").split("אברהם")[:-1]
            assert all("<bdi" in before[-120:] for before in found), path


def test_instructions_can_do_nothing() -> None:
    text = "![x](https://evil.example/p.png) [y](javascript:alert(1)) [z](https://e-gov.go.jp)\n\n|a|\n|:-:|\n|b|"
    html = markdown(text)
    assert "<img" not in html
    assert "style=" not in html
    assert 'href="javascript' not in html
    assert 'rel="noreferrer noopener"' in html
