"""The pages of a company: what they show, to whom, now and then, and what they never do."""

import pytest

from tests.services.console.looking import PAGES, elements_of, office, text_of


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_every_page_can_be_looked_at(database: str, lang: str) -> None:
    async with office(database) as o:
        for path in (*PAGES, f"runs/{o.leaving}", f"runs/{o.buying}", f"members/{o.worker}"):
            page = await o.see(path, lang=lang)
            assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), path
            assert f'<html lang="{lang}">' in page.text


async def test_late_runs_come_first_with_their_bar(database: str) -> None:
    async with office(database) as o:
        page = await o.see("")
        text = text_of(page)
        assert text.index("退職 太郎") < text.index("椅子")
        assert "4工程のうち完了1、省略0、着手可1" in page.text


async def test_a_run_is_late_from_the_day_after_its_due_date(database: str) -> None:
    async with office(database) as o:
        assert "あてはまる案件はありません" in text_of(await o.see("", late="1", department="general-affairs"))
        o.company.later(days=40)
        assert "日遅れ" in text_of(await o.see("", late="1", department="general-affairs"))


async def test_a_legal_deadline_is_marked(database: str) -> None:
    async with office(database) as o:
        assert "法定期限 2024年4月19日(金)" in text_of(await o.see(""))
        assert "資格喪失届 法定" in text_of(await o.see(f"runs/{o.leaving}"))


async def test_filters_leave_what_was_asked_for(database: str) -> None:
    async with office(database) as o:
        text = text_of(await o.see("", department="general-affairs"))
        assert "椅子" in text
        assert "退職 太郎" not in text


async def test_a_list_is_looked_through_page_by_page(database: str) -> None:
    async with office(database) as o:
        for number in range(60):
            await o.company.start(o.purchase, f"品目{number:02}", o.company.today)
        await o.world.shown()
        async with o.browser(o.company.owner) as client:
            first = await client.get("/console/")
            (more,) = [a["href"] for tag, a in elements_of(first) if tag == "a" and "after=" in (a.get("href") or "")]
            second = await client.get(str(more))
        shown = [sum(f"品目{n:02}" in text_of(page) for n in range(60)) for page in (first, second)]
        assert sum(shown) == 60
        assert all(shown)


async def test_a_run_shows_who_does_what_until_when(database: str) -> None:
    async with office(database) as o:
        text = text_of(await o.see(f"runs/{o.leaving}"))
        assert "退職届の受理" in text
        assert "働く 人" in text
        assert "差戻し1回" in text


async def test_my_tasks_are_mine(database: str) -> None:
    async with office(database) as o:
        assert "退職の承認" in text_of(await o.see("tasks", o.manager))
        worker = text_of(await o.see("tasks", o.worker))
        assert "退職の承認" not in worker
        assert "申請" in worker


async def test_the_trail_says_what_happened_and_why(database: str) -> None:
    async with office(database) as o:
        page = await o.see("trail", stream=o.leaving)
        text = text_of(page)
        assert "株式会社あしあとが「退職の承認」を承認せず、「退職届の受理」へ差し戻しました" in text
        assert "書類の不備" in text
        assert "東京都" not in page.text
        english = text_of(await o.see("trail", stream=o.leaving, lang="en"))
        assert "rejected 退職の承認 and sent the work back to 退職届の受理" in english


async def test_the_trail_is_found_by_its_filters(database: str) -> None:
    async with office(database) as o:
        page = text_of(await o.see("trail", type="run.step_rejected", reason="不備", actor=o.manager))
        assert "差し戻しました" in page
        assert "完了しました" not in page
        assert "あてはまる記録はありません" in text_of(await o.see("trail", reason="どこにもない"))


async def test_seats_name_their_holders_and_why(database: str) -> None:
    async with office(database) as o:
        text = text_of(await o.see("seats"))
        assert "4 / 50 席" in text
        assert "在籍 3 · 招待中 1" in text
        assert "招待の承諾" in text


async def test_pages_show_the_past(database: str) -> None:
    async with office(database) as o:
        then = o.before.isoformat()
        progress = text_of(await o.see("", as_of=then))
        assert "時点の記録を表示しています" in progress
        assert "退職 太郎" not in progress
        assert "あてはまる案件はありません" in progress
        assert "3 / 50 席" in text_of(await o.see("seats", as_of=then))
        assert "差し戻しました" not in text_of(await o.see("trail", as_of=then))
        assert "申請" not in text_of(await o.see("tasks", o.worker, as_of=then))
        assert (await o.see(f"runs/{o.leaving}", as_of=then)).status_code == 404


async def test_as_of_takes_a_sequence_a_day_and_the_companys_time(database: str) -> None:
    async with office(database) as o:
        assert "2024年4月8日(月) 09:00 時点" in text_of(await o.see("", as_of="#1"))
        assert "2024年4月8日(月) 23:59 時点" in text_of(await o.see("", as_of="2024-04-08"))
        assert "2024年4月9日(火) 08:30 時点" in text_of(await o.see("", as_of="2024-04-09T08:30"))
        assert "時点の記録" not in text_of(await o.see("", as_of=str(o.company.today)))


async def test_links_stay_in_the_same_past_and_language(database: str) -> None:
    async with office(database) as o:
        page = await o.see("", as_of="2024-04-09T08:30", lang="en")
        hrefs = [str(a["href"]) for tag, a in elements_of(page) if tag == "a" and "/trail" in (a.get("href") or "")]
        assert hrefs == ["/console/trail?lang=en&as_of=2024-04-09T08%3A30"]


@pytest.mark.parametrize(
    "query",
    [
        {"as_of": "yesterday"},
        {"as_of": "2999-01-01T00:00"},
        {"as_of": "0001-01-01"},
        {"as_of": "9999-12-31"},
        {"as_of": "#99999"},
        {"as_of": "#"},
        {"status": "done"},
        {"procedure": "1"},
        {"after": "x"},
        {"after": "0_1_2"},
        {"after": "0_" + "9" * 30 + "_x"},
    ],
)
async def test_what_cannot_be_understood_is_said_so(database: str, query: dict[str, str]) -> None:
    async with office(database) as o:
        assert (await o.see("", **query)).status_code == 400


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("trail", {"since": "never"}),
        ("trail", {"until": "9999-12-31"}),
        ("trail", {"type": "x"}),
        ("trail", {"after": "-1"}),
        ("trail", {"stream": "' OR 1=1"}),
        ("seats", {"month": "2024-13"}),
        ("seats", {"month": "0001-01"}),
    ],
)
async def test_other_pages_say_so_too(database: str, path: str, query: dict[str, str]) -> None:
    async with office(database) as o:
        assert (await o.see(path, **query)).status_code == 400


async def test_tables_have_headers_and_fields_have_labels(database: str) -> None:
    async with office(database) as o:
        for path in (*PAGES, f"runs/{o.leaving}"):
            elements = elements_of(await o.see(path))
            labelled = {a.get("for") for tag, a in elements if tag == "label"}
            fields = [a for tag, a in elements if tag in ("select", "input") and a.get("type") != "hidden"]
            assert {a.get("id") for a in fields} <= labelled
            assert all(a.get("scope") in ("col", "row") for tag, a in elements if tag == "th")


async def test_a_month_before_is_one_link_away(database: str) -> None:
    async with office(database) as o:
        o.company.later(days=20)
        assert "2024年3月" in text_of(await o.see("seats", month="2024-03"))
        page = await o.see("seats")
        assert "/console/seats?month=2024-03" in {a.get("href") for _, a in elements_of(page)}
