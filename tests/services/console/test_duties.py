"""The pages of load and of one member's duties: what is left, what was handed over, and for whom."""

from commands.duties import HandOver
from domain.tenants.handovers import Rule
from tests.services.console.looking import office, text_of


async def test_load_is_shown_by_person_and_leads_to_their_duties(database: str) -> None:
    async with office(database) as o:
        page = await o.see("load")
        assert "働く 人" in text_of(page)
        assert f"/console/members/{o.worker}" in page.text


async def test_duties_are_shown_until_they_are_handed_over(database: str) -> None:
    async with office(database) as o:
        before = text_of(await o.see(f"members/{o.worker}"))
        assert "担当が残っています。" in before
        assert "退職 太郎" in before or "椅子" in before
        assert "情シス" in before
        await o.company.do(HandOver(o.worker, (Rule((o.company.owner,)),)), reason="異動のため")
        await o.world.shown()
        after = text_of(await o.see(f"members/{o.worker}"))
        assert "残っている担当はありません。" in after
        assert "異動のため" in after


async def test_duties_of_others_are_no_page_for_members(database: str) -> None:
    async with office(database) as o:
        assert (await o.see(f"members/{o.manager}", o.worker)).status_code == 404
        assert (await o.see(f"members/{o.worker}", o.worker)).status_code == 200
        assert (await o.see("load", o.worker)).status_code == 403
