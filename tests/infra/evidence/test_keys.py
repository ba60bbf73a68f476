"""The signing key: made once, for its owner alone; changed by both; refused when it is another."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.evidence.notes import is_signed_by, read_note
from infra.evidence.keyring import change_key, keys, signing_key
from infra.evidence.keys import KeyUnusable, make_key, read_key, verify
from infra.ids import uuid7
from tests.infra.evidence.logs import NAME, fill, sign, signer_connection, stored


def test_the_first_key_is_made_for_its_owner_alone(database: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "key.pem"
    with signer_connection(database) as connection:
        key, signer = signing_key(connection, path, NAME)
        again, read = signing_key(connection, path, NAME)
        assert (again, read.public) == (key, signer.public)
        assert [one.public for one in keys(connection)] == [signer.public]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "key.pem")
    (tmp_path / "key.pem").chmod(0o640)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        read_key(tmp_path / "key.pem")


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    (tmp_path / "key.pem").chmod(0o600)
    with pytest.raises(KeyUnusable, match="expected a private key as PEM"):
        read_key(tmp_path / "key.pem")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(other)
    (tmp_path / "key.pem").chmod(0o600)
    with pytest.raises(KeyUnusable, match="another kind"):
        read_key(tmp_path / "key.pem")


def test_a_program_without_the_key_makes_no_other(database: str, tmp_path: Path) -> None:
    with signer_connection(database) as connection:
        signing_key(connection, tmp_path / "key.pem", NAME)
        with pytest.raises(KeyUnusable, match="no such file"):
            signing_key(connection, tmp_path / "elsewhere.pem", NAME)
        make_key(tmp_path / "elsewhere.pem")
        with pytest.raises(KeyUnusable, match="holds another"):
            signing_key(connection, tmp_path / "elsewhere.pem", NAME)
        assert len(keys(connection)) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_a_change_of_keys_is_signed_by_both_unless_the_old_one_is_lost(
    database: str, tmp_path: Path, lost: bool
) -> None:
    tenants = [uuid7() for _ in range(3)]
    for tenant in tenants:
        fill(database, tenant, 4)
    sign(database, tmp_path)
    with signer_connection(database) as connection:
        changed = change_key(connection, tmp_path / "key.pem", NAME, "every year", lost=lost)
        old, new = keys(connection)
        assert (changed, old.valid_until, new.valid_until) == (new, new.valid_from, None)
        assert signing_key(connection, tmp_path / "key.pem", NAME)[0] == new
    fill(database, tenants[0], 1)
    sign(database, tmp_path)
    signed_by = [
        [is_signed_by(read_note(note), key.verifier(tenant), verify) for key in (old, new)]
        for tenant, note in notes(database, tenants)
    ]
    both = [not lost, True]
    assert signed_by == [[True, False], both, [False, True], [True, False], both, [True, False], both]
    assert len(list(tmp_path.glob("key.pem.old-*"))) == 1


def notes(dsn: str, tenants: list[str]) -> list[tuple[str, str]]:
    return [(tenant, note) for tenant in tenants for *_, note in stored(dsn, tenant)]


def test_a_change_of_keys_that_was_cut_off_signs_on(database: str, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with signer_connection(database) as connection:
        signing_key(connection, path, NAME)
        change_key(connection, path, NAME, "every year")
        [before] = tmp_path.glob("key.pem.old-*")
        path.rename(tmp_path / "key.pem.new")
        before.rename(path)
        assert signing_key(connection, path, NAME)[1].public == read_key(tmp_path / "key.pem.new").public
