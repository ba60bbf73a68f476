"""The seats page: the year month by month, and each entry of a month in a sentence that names its event."""

import re
from datetime import timedelta

import pytest

from commands import tenants as t
from commands.duties import HandOver
from domain.tenants.handovers import Rule
from queries.seat_entries import seat_entries
from services.console.seat_words import SEAT_WORDS, seat_words
from services.console.words import LANGS
from tests.queries.chance import seats_by_chance
from tests.queries.playing import world
from tests.services.console.looking import Office, elements_of, office, text_of


async def worked(o: Office) -> None:
    """One leaves, one turns auditor, an invitation is withdrawn, and another runs out."""
    company = o.company
    company.later(days=1)
    await company.do(t.DeactivateMember(o.worker, leave_duties=True), reason="退職のため")
    handed = HandOver(o.manager, (Rule((company.owner,)),))
    await company.do(handed, reason="監査室へ異動")
    await company.do(t.ChangePermission(o.manager, "auditor"), reason="監査室へ異動")
    withdrawn = await company.invite("取り消される 人")
    await company.do(t.DeactivateMember(withdrawn), reason="宛先の誤り")
    await o.world.shown()
    company.later(days=40)


async def test_the_year_is_told_month_by_month(database: str) -> None:
    async with office(database) as o:
        await worked(o)
        text = text_of(await o.see("seats"))
        april, may = text.index("2024年4月 0 +5 −4 1"), text.index("2024年5月 1 +0 −0 1")
        assert april < may
        assert "4 2024年4月9日" in text[april:may]


async def test_a_month_leads_to_its_entries_and_they_to_their_events(database: str) -> None:
    async with office(database) as o:
        await worked(o)
        page = await o.see("seats")
        months = [a["href"] or "" for tag, a in elements_of(page) if tag == "a" and "#entries" in (a.get("href") or "")]
        assert "/console/seats?month=2024-04#entries" in months
        april = text_of(await o.see("seats", month="2024-04"))
        for told in (
            "招かれた 人への招待が期限切れになり、席が空きました",
            "働く 人の利用を止め、席が空きました 理由 退職のため",
            "を責任者から監査人に変え、席が空きました 理由 監査室へ異動",
            "取り消される 人への招待を取り消し、席が空きました 理由 宛先の誤り",
        ):
            assert told in april, told
        assert "あてはまる記録はありません" in text_of(await o.see("seats", month="2024-05"))
        english = text_of(await o.see("seats", month="2024-04", lang="en"))
        assert "The invitation of 招かれた 人 ran out: the seat is free" in english


async def test_entries_are_looked_through_page_by_page(database: str) -> None:
    async with office(database) as o:
        for number in range(30):
            member = await o.company.invite(f"人{number:02}")
            await o.company.do(t.DeactivateMember(member), reason="人違い")
        await o.world.shown()
        async with o.browser(o.company.owner) as client:
            first = await client.get("/console/seats")
            (more,) = [
                a["href"]
                for tag, a in elements_of(first)
                if tag == "a" and "after=" in (a.get("href") or "") and "/seats" in (a.get("href") or "")
            ]
            second = await client.get(str(more))
        told = re.compile(r"人\d\dへの招待を取り消し")
        shown = [len(told.findall(text_of(page))) for page in (first, second)]
        assert sum(shown) == 30
        assert all(shown)


@pytest.mark.parametrize("after", ["x", "1", "x~1", "2024-04-01", "2024-04-01T00:00:00+00:00~١"])
async def test_a_place_that_is_none_is_not_understood(database: str, after: str) -> None:
    async with office(database) as o:
        assert (await o.see("seats", after=after)).status_code == 400


async def test_every_entry_has_words_in_both_languages(database: str) -> None:
    async with world(database) as w:
        seen = set()
        for seed in range(4):
            company = await seats_by_chance(w, seed, turns=100)
            await w.shown()
            at = company.at + timedelta(days=10)
            for line in await seat_entries(w.ask, company.tenant, at=at, limit=1_000):
                for lang in LANGS:
                    sentence, parts = seat_words(line, lang, str)
                    assert "—" not in sentence.format_map(parts), line
                seen.add(next(key for key, told in SEAT_WORDS.items() if sentence in told))
        assert seen >= SEAT_WORDS.keys() - {"accepted late"}
