"""The page of exports: what is asked for, what is there and how to fetch it, and who did."""

from dataclasses import replace
from datetime import timedelta

import pytest

from commands.catalogue import Command
from commands.exports import AskExport, FinishExport, NoteDownload
from domain.tenants.export_events import ExportMade
from queries.exports import exports
from services.console.pages import exports as page_of_exports
from services.console.pages.exports import size_text
from services.exports.ordering import by_exporter
from tests.services.console.looking import Office, office, text_of

DIGEST = "ab" * 32


async def as_exporter(o: Office, command: Command) -> None:
    request = by_exporter(o.company.tenant, o.world.not_before(o.company.at))
    await o.world.commands.execute(replace(request, simulated=True), command)


async def fetched(o: Office) -> None:
    """The export asked for last is made, and fetched by the manager."""
    await o.world.shown()
    asked, *_ = await exports(o.world.ask, o.company.tenant)
    week = o.company.at + timedelta(days=7)
    made = ExportMade(asked.export, DIGEST, 1_400_000, 34, 1, 34, 34, DIGEST, week)
    await as_exporter(o, FinishExport(made, 0))
    await as_exporter(o, NoteDownload(asked.export, o.manager, anew=True))


async def test_an_export_is_followed_from_the_asking_to_who_fetched_it(database: str) -> None:
    async with office(database) as o:
        assert "書き出しはまだありません" in text_of(await o.see("exports"))
        await o.company.do(AskExport(("csv",), personal=False))
        await o.world.shown()
        [asked] = await exports(o.world.ask, o.company.tenant)
        waiting = text_of(await o.see("exports"))
        assert "青木 愛子" in waiting
        assert "すべての記録 csv 個人情報なし 作成中 順番待ち" in waiting
        await fetched(o)
        await o.world.shown()
        page = await o.see("exports")
        assert "34件の記録、1.4 MB" in text_of(page)
        assert f"/v1/exports/{asked.export}/bundle" in text_of(page)
        assert "まだ誰も" not in text_of(page)
        then = text_of(await o.see("exports", as_of=f"#{asked.seq}"))
        assert "作成中" in then
        assert "1.4 MB" not in then


async def test_what_was_fetched_too_often_to_be_told_was_not_fetched_by_nobody(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of_exports, "MOST_DOWNLOADS", 1)
    async with office(database) as o:
        for _ in range(2):
            await o.company.do(AskExport(("csv",), personal=False))
            await fetched(o)
        await o.world.shown()
        text = text_of(await o.see("exports"))
        assert "まだ誰も" not in text
        assert "1回" in text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_600, "100 kB"), (999_600, "1.0 MB"), (5 * 10**15, "5000 TB")],
)
def test_sizes_are_said_in_thousands(count: int, text: str) -> None:
    assert size_text(count) == text
