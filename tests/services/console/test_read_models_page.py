"""The page of read models tells those who see everything how far they are, and which streams wait."""

import psycopg

from projections.catalogue import PROJECTIONS
from tests.services.console.looking import office, text_of

PARK = """
    INSERT INTO parked_streams (tenant_id, projection, stream_id, version, seq, position, type, error)
    SELECT tenant_id, 'progress', stream_id, version, tenant_seq, position, %s, 'KeyError at words.py:1 f'
    FROM events WHERE tenant_id = %s AND stream_id = %s ORDER BY tenant_seq LIMIT 1
"""


async def test_streams_that_wait_are_named_with_what_they_wait_at(database: str) -> None:
    async with office(database) as o:
        calm = text_of(await o.see("projections", o.manager))
        assert calm.count("すべて集計済み") == len(PROJECTIONS)
        assert "保留中のものはありません" in calm
        assert "時点の記録を表示しています" not in text_of(await o.see("projections", o.manager, as_of="#2"))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(PARK, ("run.started", o.company.tenant, o.leaving))
            connection.execute(PARK, ("run.from_tomorrow", o.company.tenant, o.buying))
        page = await o.see("projections", o.manager)
        assert "案件の開始" in text_of(page)
        assert "run.from_tomorrow" in text_of(page)
        assert f"/console/trail?stream={o.leaving}" in page.text
        assert "KeyError" not in page.text
