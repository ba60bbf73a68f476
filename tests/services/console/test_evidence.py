"""The page of evidence shows what was signed, where it is kept, and what was found wrong."""

from pathlib import Path

from infra.evidence.alarms import alarms, close_alarm, raise_alarms
from infra.evidence.anchoring import Anchored, Waiting, record
from infra.evidence.rehashing import Fault
from tests.infra.evidence.logs import sign, signer_connection, stored
from tests.services.console.looking import office, text_of


async def test_the_page_shows_the_checkpoint_its_anchors_and_alarms(database: str, tmp_path: Path) -> None:
    async with office(database) as o:
        assert "Nothing is signed yet" in text_of(await o.see("evidence", lang="en"))
        sign(database, tmp_path)
        tenant = o.company.tenant
        size, root, _ = stored(database, tenant)[-1]
        text = text_of(await o.see("evidence", lang="en"))
        assert root.hex() in text
        assert "No checkpoint is kept outside." in text
        assert f"{size} events, since" in text
        with signer_connection(database) as connection:
            record(connection, "folder", [Anchored(Waiting(tenant, size, "", "/mnt/anchors"))])
            raise_alarms(connection, "log_altered", [Fault(tenant, 3, "it is missing")])
            [alarm] = alarms(connection)
            text = text_of(await o.see("evidence", lang="en"))
            assert f"Folder #{size}" in text
            assert "Not anchored yet: None" in text
            assert "#3 it is missing open" in text
            close_alarm(connection, alarm.id, "Emi", "戻した")
        assert "Emi 戻した" in text_of(await o.see("evidence"))


async def test_as_of_then_it_shows_the_checkpoint_of_then(database: str, tmp_path: Path) -> None:
    async with office(database) as o:
        sign(database, tmp_path)
        then = o.before.strftime("%Y-%m-%dT%H:%M")
        assert "Nothing is signed yet" in text_of(await o.see("evidence", lang="en", as_of=then))
