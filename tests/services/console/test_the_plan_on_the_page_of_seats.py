"""The page of seats tells what is pending, what was refused and why, and that a company can only read."""

from datetime import UTC, datetime

from commands import plans as pl
from commands import tenants as t
from domain.services import SCHEDULER
from tests.services.console.looking import Office, office, text_of

WHY = "経費削減"
MONTH_END = datetime(2024, 4, 30, 15, 0, tzinfo=UTC)


async def time_comes(o: Office) -> None:
    """The end of April, and what the scheduler does then."""
    o.company.at = MONTH_END
    await o.company.do(pl.ApplyPlanChange(), by=SCHEDULER.id)
    await o.world.shown()


async def test_what_is_pending_is_told_with_its_moment(database: str) -> None:
    async with office(database) as o:
        await o.company.do(t.ChoosePlan("pro"))
        await o.company.do(t.ChoosePlan("lite"), reason=WHY)
        await o.world.shown()
        text = text_of(await o.see("seats"))
        assert "2024年5月1日(水) 00:00にライトへ変わります" in text
        assert "月額 60,000円" in text
        english = text_of(await o.see("seats", lang="en"))
        assert "It changes to Lite on" in english
        await time_comes(o)
        after = text_of(await o.see("seats"))
        assert "月額 30,000円" in after
        assert "変わります" not in after


async def test_a_change_that_did_not_fit_is_told_with_who_holds_the_seats(database: str) -> None:
    async with office(database) as o:
        await o.company.do(t.ChoosePlan("standard"))
        await o.company.do(t.ChoosePlan("lite"), reason=WHY)
        for number in range(25):
            await o.company.hire(f"新人{number:02}")
        await time_comes(o)
        text = text_of(await o.see("seats"))
        assert "ライトへの変更は行われませんでした。席が8多く使われていました。" in text
        assert "新人00" in text
        assert "ほか8人" in text
        assert "月額 45,000円" in text
        await o.company.do(t.ChoosePlan("pro"), reason="増員")
        await o.world.shown()
        assert "行われませんでした" not in text_of(await o.see("seats"))


async def test_a_cancelled_company_is_told_that_it_can_only_read(database: str) -> None:
    async with office(database) as o:
        await o.company.do(t.ChoosePlan("lite"))
        await o.company.do(pl.CancelPlan(), reason=WHY)
        await o.world.shown()
        assert "2024年5月1日(水) 00:00に契約が終わり" in text_of(await o.see("seats"))
        before = o.company.at
        o.company.at = MONTH_END
        late = text_of(await o.see("seats"))
        await time_comes(o)
        noted = text_of(await o.see("seats"))
        for text in (late, noted):
            assert "契約は解約により終わりました。 閲覧のみできます。" in text
        assert "解約により" not in text_of(await o.see("seats", as_of=before.isoformat()))


async def test_the_end_of_a_trial_is_told(database: str) -> None:
    async with office(database) as o:
        o.company.at = MONTH_END
        assert "試用は終わりました。" in text_of(await o.see("seats"))


async def test_the_trail_names_the_scheduler(database: str) -> None:
    async with office(database) as o:
        await o.company.do(t.ChoosePlan("standard"))
        await o.company.do(t.ChoosePlan("lite"), reason=WHY)
        await time_comes(o)
        shown = {"actor": SCHEDULER.id, "type": "tenant.plan_chosen"}
        page, english = await o.see("trail", **shown), await o.see("trail", lang="en", **shown)
        assert "スケジューラーがプランをスタンダードからライト（20席）に変えました" in text_of(page)
        assert "the scheduler changed the plan from Standard to Lite" in text_of(english)
