"""One attack after the other: what finds it, and what does pass without a checkpoint that was kept outside.

The table of docs/evidence.md says the same in words. "By itself" is `ashiato verify` on the database alone.
"""

import pytest
from psycopg import errors

from infra.evidence.keyring import keys
from infra.evidence.keys import make_key
from services.doctor import examine
from tests.infra.evidence.logs import fill, signer_connection, stored, superuser
from tests.tamper.scene import FORGED, REHASH, UNGUARD_ALL, Scene

CHANGED = "its body, time, sequence or company is not what was hashed when it was appended"
REWRITTEN = "it was rewritten together with its hash; another one was signed"
MISSING = "it is missing"


def test_an_untouched_log_passes_by_itself_and_with_what_was_kept(scene: Scene) -> None:
    kept = scene.keep()
    scene.goes_on(300)
    found = scene.verify(kept)
    assert (found.faults, found.events, found.checkpoints, found.outside, found.unsigned) == ([], 340, 3, 1, 0)


def test_an_edit_is_found_at_its_event(scene: Scene) -> None:
    scene.forge(FORGED + "WHERE tenant_seq = 7")
    assert scene.first() == (7, CHANGED)


@pytest.mark.parametrize(
    "edit",
    [
        "recorded_at = recorded_at - interval '1 microsecond'",
        "tenant_seq = 1000",
        "leaf_hash = sha256('')",
    ],
)
def test_another_time_sequence_or_hash_is_found_too(scene: Scene, edit: str) -> None:
    scene.forge(f"UPDATE events SET {edit} WHERE tenant_seq = 7")
    seq, _ = scene.first() or (0, "")
    assert seq == 7


@pytest.mark.parametrize("edit", ["type = 'other.happened'", "stream_id = gen_random_uuid()", "version = 9"])
def test_an_event_filed_elsewhere_is_found(scene: Scene, edit: str) -> None:
    scene.forge(f"UPDATE events SET {edit} WHERE tenant_seq = 7")
    assert scene.first() == (7, "it is filed under a type, stream or version that its body does not say")


def test_an_edit_with_a_hash_that_fits_is_found_by_the_hashes_that_were_signed(scene: Scene) -> None:
    scene.forge(FORGED + "WHERE tenant_seq = 7", REHASH)
    assert scene.first() == (7, REWRITTEN)


def test_an_edit_that_changes_the_signed_hashes_along_is_found_by_the_signed_root(scene: Scene) -> None:
    scene.forge(
        FORGED + "WHERE tenant_seq = 7",
        REHASH,
        "UPDATE checkpoints SET leaves = (SELECT string_agg(leaf_hash, '' ORDER BY tenant_seq) FROM events"
        " WHERE tenant_seq <= 20) WHERE size = 20",
    )
    assert scene.first() == (20, "the events stored up to it are not those of the checkpoint of this size")


def test_an_edit_that_changes_the_root_along_is_found_by_the_signature(scene: Scene) -> None:
    scene.forge("UPDATE checkpoints SET root = sha256('') WHERE size = 20")
    assert scene.first() == (20, "the checkpoint of size 20 says something else than was kept with it")
    noted = "split_part(note, E'\\n', 3)"
    scene.forge(f"UPDATE checkpoints SET note = replace(note, {noted}, encode(root, 'base64')) WHERE size = 20")
    assert scene.first() == (20, "the checkpoint of size 20 is not signed by a key of then")


def test_an_edit_that_is_signed_again_with_the_real_key_passes_by_itself(scene: Scene) -> None:
    kept = scene.keep()
    scene.forge(FORGED + "WHERE tenant_seq = 7")
    scene.resigned()
    assert scene.first() is None
    assert scene.first(kept) == (40, f"the events stored up to it are not those of {kept}")


def test_a_deletion_is_found_by_the_gap(scene: Scene) -> None:
    scene.forge("DELETE FROM events WHERE tenant_seq = 7")
    assert scene.first() == (7, MISSING)


def test_a_deletion_whose_gap_is_closed_is_found_by_the_hashes_that_were_signed(scene: Scene) -> None:
    scene.forge("DELETE FROM events WHERE tenant_seq = 7")
    scene.renumber(8, -1)
    assert scene.first() == (7, REWRITTEN)


def test_a_deletion_that_is_signed_again_passes_by_itself(scene: Scene) -> None:
    kept = scene.keep()
    scene.forge("DELETE FROM events WHERE tenant_seq = 7")
    scene.renumber(8, -1)
    scene.resigned()
    assert scene.first() is None
    seq, what = scene.first(kept) or (0, "")
    assert (seq, what.startswith(MISSING)) == (40, True)


def test_an_insertion_is_found_by_the_hashes_that_were_signed(scene: Scene) -> None:
    scene.renumber(7, 1)
    scene.insert(7)
    assert scene.first() == (7, REWRITTEN)


def test_an_insertion_that_is_signed_again_passes_by_itself(scene: Scene) -> None:
    kept = scene.keep()
    scene.renumber(7, 1)
    scene.insert(7)
    scene.resigned()
    assert scene.first() is None
    assert scene.first(kept) == (40, f"the events stored up to it are not those of {kept}")


def test_a_forged_event_at_the_end_passes_even_with_what_was_kept(scene: Scene) -> None:
    """It is a new event like any other: who may write the database may also write one."""
    kept = scene.keep()
    scene.insert(41)
    scene.sign()
    assert scene.first(kept) is None


def test_two_swapped_events_are_found_by_the_hashes_that_were_signed(scene: Scene) -> None:
    scene.forge(
        "UPDATE events SET tenant_seq = -tenant_seq WHERE tenant_seq IN (7, 9)",
        "UPDATE events SET tenant_seq = 16 + tenant_seq WHERE tenant_seq < 0",
    )
    assert scene.first() == (7, CHANGED)
    scene.forge(REHASH)
    assert scene.first() == (7, REWRITTEN)


def test_swapped_events_that_are_signed_again_are_found_by_their_times_or_what_was_kept(scene: Scene) -> None:
    kept = scene.keep()
    scene.forge(
        "UPDATE events SET tenant_seq = -tenant_seq WHERE tenant_seq IN (7, 27)",
        "UPDATE events SET tenant_seq = 34 + tenant_seq WHERE tenant_seq < 0",
    )
    scene.resigned()
    assert scene.first() == (8, "its time is before that of the event before it")
    scene.forge("UPDATE events SET recorded_at = '2026-01-01', position = -position")
    scene.forge("UPDATE events SET position = tenant_seq")
    scene.resigned()
    assert scene.first() is None
    assert scene.first(kept) == (40, f"the events stored up to it are not those of {kept}")


def test_a_log_that_is_cut_off_is_found_by_its_last_checkpoint(scene: Scene) -> None:
    scene.forge("DELETE FROM events WHERE tenant_seq > 30")
    assert scene.first() == (31, f"{MISSING}, and all after it up to 40: a checkpoint of that size was signed")


def test_a_log_cut_off_with_its_checkpoints_passes_by_itself(scene: Scene) -> None:
    kept = scene.keep()
    scene.forge("DELETE FROM events WHERE tenant_seq > 20", "DELETE FROM checkpoints WHERE size > 20")
    assert scene.first() is None
    seq, what = scene.first(kept) or (0, "")
    assert (seq, what.startswith(MISSING)) == (21, True)


def test_a_log_that_is_gone_with_all_its_checkpoints_is_found_by_what_was_kept_alone(scene: Scene) -> None:
    kept = scene.keep()
    scene.forge("DELETE FROM events", "DELETE FROM checkpoints", "DELETE FROM merkle_nodes")
    assert scene.first() is None
    assert (scene.first(kept) or (0, ""))[0] == 1


def test_a_tail_rewritten_after_the_last_anchor_passes_with_that_anchor(scene: Scene) -> None:
    """What was not anchored yet can be rewritten by who holds the key: the interval is shown for that reason."""
    kept = scene.keep()
    scene.goes_on(20)
    newer = scene.keep()
    scene.forge(FORGED + "WHERE tenant_seq = 50", REHASH, "DELETE FROM checkpoints WHERE size > 40")
    scene.forge("UPDATE checkpointing SET position = 40")
    scene.sign()
    assert scene.first(kept) is None
    assert scene.first(kept, newer) == (60, f"the events stored up to it are not those of {newer}")


def test_a_superuser_as_a_replica_is_refused_and_found_after_taking_the_guard_away(scene: Scene) -> None:
    with superuser(scene.dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("events", "checkpoints", "merkle_nodes", "signing_keys"):
            with pytest.raises(errors.InsufficientPrivilege, match="to be added to only"):
                connection.execute(f"DELETE FROM {table}".encode())
        connection.execute(UNGUARD_ALL)
        connection.execute((FORGED + "WHERE tenant_seq = 7").encode())
    assert scene.first() == (7, CHANGED)
    assert "the log is not guarded against changes" in [one.text for one in examine(scene.dsn) if not one.well]


def test_a_restored_old_backup_passes_by_itself(scene: Scene) -> None:
    with scene.backup() as restored:
        scene.goes_on(20)
        kept = scene.keep()
        assert restored.first() is None
        seq, what = restored.first(kept) or (0, "")
        assert (seq, what.startswith(MISSING)) == (41, True)
        restored.goes_on(20)
        assert restored.first() is None
        assert restored.first(kept) == (60, f"the events stored up to it are not those of {kept}")


def test_an_event_before_the_first_is_found(scene: Scene) -> None:
    scene.insert(0)
    assert scene.first() == (0, "it is an event before the first")


def test_events_that_are_replayed_in_another_order_are_found(scene: Scene) -> None:
    """The position is in no leaf, for it tells of other companies (decision 011), but it grows with the sequence."""
    scene.forge(
        "UPDATE events SET position = -position WHERE tenant_seq IN (7, 9)",
        "UPDATE events SET position = 16 + position WHERE position < 0",
    )
    assert scene.first() == (8, "its position is before that of the event before it")


def test_a_checkpoint_taken_out_of_the_middle_is_found(scene: Scene) -> None:
    scene.goes_on(5)
    scene.forge("DELETE FROM checkpoints WHERE size = 40")
    assert scene.first() == (45, "the hashes kept with the checkpoint of size 45 are not those since the one before")


def test_a_foreign_key_that_was_put_among_ours_passes_by_itself(scene: Scene) -> None:
    trusted = scene.folder / "trusted"
    with signer_connection(scene.dsn) as connection:
        trusted.write_text(str(keys(connection)[0].verifier(scene.tenant)), encoding="utf-8")
    assert scene.first(trusted=trusted) is None
    (scene.folder / "key.pem").unlink()
    theirs = make_key(scene.folder / "key.pem")
    with superuser(scene.dsn) as connection:
        connection.execute("INSERT INTO signing_keys VALUES (%s, 'ashiato.test', now(), 'x')", (theirs.public,))
    scene.forge(FORGED + "WHERE tenant_seq = 7")
    scene.resigned()
    assert scene.first() is None
    assert scene.first(trusted=trusted) == (
        40,
        "the checkpoint of size 40 says something else than was kept with it",
    )


def test_a_changed_tree_is_found(scene: Scene) -> None:
    scene.goes_on(300)
    scene.forge("UPDATE merkle_nodes SET hash = sha256('') WHERE level = 8 AND n = 0")
    assert scene.first() == (256, "the stored tree is not that of this event and the 255 before it")


def test_events_since_the_last_checkpoint_are_counted_as_unsigned(scene: Scene) -> None:
    fill(scene.dsn, scene.tenant, 3)
    assert scene.verify().unsigned == 3
    assert [size for size, *_ in stored(scene.dsn, scene.tenant)] == [20, 40]
