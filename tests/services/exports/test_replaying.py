"""An export replayed by code that shares nothing with the program's comes to the program's own states."""

import json
import subprocess
import sys
from random import Random

import psycopg

from domain.replay.changes import facts_of
from domain.replay.facts import digest
from infra.read_store.folding import decoded
from services.exports.bundle import Made
from services.exports.states import state
from tests.services.exports.conftest import Scene


def replayed(made: Made, *asked: str) -> str:
    """What the enclosed replayer says, run by a Python that sees no package."""
    command = [sys.executable, "-I", "-S", str(made.folder / "data" / "replay.py"), str(made.folder), *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    return done.stdout


def test_both_come_to_the_same_state_after_any_event(scene: Scene, whole: Made) -> None:
    chance = Random(1)
    seqs = sorted({1, 2, whole.size, *(chance.randrange(1, whole.size) for _ in range(12))})
    ours = [state(scene.dsn, scene.tenant, seq).digest for seq in seqs]
    theirs = [replayed(whole, "--seq", str(seq)).split()[-1] for seq in seqs]
    assert ours == theirs
    assert len(set(ours)) > len(seqs) / 2


def test_an_event_that_was_changed_leads_to_another_state(scene: Scene, whole: Made) -> None:
    events = whole.folder / "data" / "events.jsonl"
    lines = events.read_text().splitlines()
    spoiled = [line.replace('"permission":"manager"', '"permission":"admin"') for line in lines]
    assert spoiled != lines
    events.write_text("\n".join(spoiled) + "\n")
    try:
        assert replayed(whole).split()[-1] != state(scene.dsn, scene.tenant, whole.size).digest
    finally:
        events.write_text("\n".join(lines) + "\n")


def test_a_run_is_told_step_by_step(scene: Scene, whole: Made) -> None:
    said = replayed(whole, "--run", scene.run)
    assert "status: None -> open" in said
    assert "because: ＝理由" in said
    with psycopg.connect(scene.dsn) as connection:
        rows = connection.execute(
            "SELECT position, tenant_id::text, tenant_seq, recorded_at, body, type FROM events "
            "WHERE tenant_id = %s AND stream_id = %s ORDER BY version",
            (scene.tenant, scene.run),
        ).fetchall()
    events = [event for event, _ in decoded(rows, lambda _: None)]
    assert digest(facts_of("run", events)) in said


def test_some_events_are_no_history_to_replay(scene: Scene) -> None:
    made = scene.made("unreplayable", run=scene.run, formats=())
    assert "expected a whole export" in replayed(made)
    assert json.loads((made.folder / "data" / "export.json").read_text())["whole"] is False
