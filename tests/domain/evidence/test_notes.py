"""Signed notes and checkpoints: the published example, and what is malformed."""

import pytest

from domain.evidence.notes import (
    Checkpoint,
    NoteMalformed,
    Verifier,
    is_signed_by,
    read_checkpoint,
    read_note,
    read_verifier,
    signed,
)
from infra.evidence.keys import verify
from tests.domain.evidence.vectors import ROOTS

VERIFIER = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNATURE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
NOTE = f"This is an example message.\n\n\u2014 example.com/foo {SIGNATURE}\n"


def test_the_published_note_is_signed_by_the_published_key() -> None:
    assert is_signed_by(read_note(NOTE), read_verifier(VERIFIER), verify)


def test_a_verifier_key_is_written_as_it_is_read() -> None:
    assert str(read_verifier(VERIFIER)) == VERIFIER


def test_a_note_is_written_as_it_is_read() -> None:
    note, by = read_note(NOTE), read_verifier(VERIFIER)
    assert signed(note.text, iter([(by, note.signatures[0].signature)])) == NOTE


def test_a_changed_text_is_not_signed() -> None:
    assert not is_signed_by(read_note(NOTE.replace("an example", "another")), read_verifier(VERIFIER), verify)


def test_a_note_without_a_signature_of_the_key_asked_for_is_not_signed() -> None:
    other = Verifier("example.com/foo", b"\1" * 32)
    assert not is_signed_by(read_note(NOTE), other, verify)
    assert not is_signed_by(read_note(NOTE.replace("/foo", "/bar")), read_verifier(VERIFIER), verify)


def test_two_signatures_of_one_key_must_both_be_right() -> None:
    wrong = SIGNATURE.replace("aQM=", "aQI=")
    doubled = f"{NOTE}\u2014 example.com/foo {wrong}\n"
    assert not is_signed_by(read_note(doubled), read_verifier(VERIFIER), verify)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "This is an example message.\n",
        NOTE.rstrip("\n"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("\u2014", "-"),
        NOTE.replace(" example.com/foo ", " "),
        NOTE.replace(SIGNATURE, "Uw2QOg=="),
        NOTE.replace(SIGNATURE, "not Base64"),
        NOTE.replace("=\n", "\n"),
        NOTE.replace("message", "mess\tage"),
        NOTE.replace("message", "mess\rage"),
        NOTE + "\n",
        NOTE + f"\u2014 example.com/foo {SIGNATURE}\n" * 100,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteMalformed, match=r"expected .*, but"):
        read_note(note)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "example.com/foo",
        VERIFIER.replace("530d903a", "530d903b"),
        VERIFIER.replace("+Ae", "+Be"),
        VERIFIER[:-2],
        VERIFIER.replace("example.com", "exa mple.com"),
    ],
)
def test_what_is_no_verifier_key_is_refused(key: str) -> None:
    with pytest.raises(NoteMalformed, match=r"expected .*, but"):
        read_verifier(key)


def test_a_checkpoint_is_written_as_it_is_read() -> None:
    checkpoint = Checkpoint("ashiato/0199a000", 8, ROOTS[8])
    assert read_checkpoint(checkpoint.text) == checkpoint
    assert read_checkpoint(checkpoint.text + "more\n") == checkpoint


@pytest.mark.parametrize(
    "text",
    ["", "origin\n", "\n8\nAA==\n", "o\n-1\n{root}\n", "o\n08\n{root}\n", "o\n8\nAA==\n", "o\n8\n\n", "o\n٣\n{root}\n"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteMalformed, match=r"expected .*, but"):
        read_checkpoint(text.replace("{root}", Checkpoint("o", 8, ROOTS[8]).text.split("\n")[2]))
