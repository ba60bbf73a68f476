"""The console shows a partner the runs where they have a step, and counts nothing else."""

from commands import runs as r
from domain.ids import StepId
from tests.services.console.looking import office, text_of


async def test_a_partner_sees_and_counts_their_own_runs_only(database: str) -> None:
    async with office(database) as o:
        partner = await o.company.hire("外の 人", "partner")
        await o.world.shown()
        before = text_of(await o.see("", partner))
        assert "退職 太郎" not in before
        assert "椅子" not in before
        assert "総務部" not in before
        await o.company.do(r.ReassignStep(o.buying, StepId("request"), partner), reason="外部へ依頼")
        await o.world.shown()
        after = text_of(await o.see("", partner))
        assert "椅子" in after
        assert "総務部" in after
        assert "退職 太郎" not in after
        assert "人事部" not in after


async def test_a_run_that_is_none_of_theirs_is_nowhere(database: str) -> None:
    async with office(database) as o:
        partner = await o.company.hire("外の 人", "partner")
        await o.world.shown()
        hidden = await o.see(f"runs/{o.buying}", partner)
        unknown = await o.see(f"runs/{o.company.tenant}", partner)
        assert (hidden.status_code, text_of(hidden)) == (404, text_of(unknown))
        assert (await o.see(f"runs/{o.buying}", o.worker)).status_code == 200


async def test_the_past_shows_a_partner_no_more(database: str) -> None:
    async with office(database) as o:
        partner = await o.company.hire("外の 人", "partner")
        await o.company.do(r.ReassignStep(o.buying, StepId("request"), partner), reason="外部へ依頼")
        await o.world.shown()
        seq = len(await o.company.events())
        assert "椅子" in text_of(await o.see("", partner, as_of=f"#{seq}"))
        assert "椅子" not in text_of(await o.see("", partner, as_of=f"#{seq - 1}"))
