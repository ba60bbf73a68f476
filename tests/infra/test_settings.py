"""Settings come from the environment, and what is wrong there is said clearly and at once."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from infra import settings
from infra.settings import READERS, Settings, SettingsError, variable


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert Settings.from_environment({"ASHIATO_PORT": " ", "DATABASE_URL": ""}) == Settings()


def test_every_field_is_read_from_its_variable(tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": "postgresql://u:p@db:5432/ashiato",
        "ASHIATO_DATA_DIR": "data",
        "ASHIATO_PG_BIN": str(tmp_path),
        "ASHIATO_HOST": "0.0.0.0",  # noqa: S104 - only read, never bound
        "ASHIATO_PORT": "80",
        "ASHIATO_BODY_LIMIT": "2048",
        "ASHIATO_POOL_SIZE": "4",
        "ASHIATO_OPERATOR_TOKEN": "a-token-of-twenty-characters",
        "ASHIATO_OIDC_ISSUER": "https://id.example/realm",
        "ASHIATO_OIDC_AUDIENCE": "ashiato",
        "ASHIATO_OIDC_ALGORITHMS": "ES256, PS256",
        "ASHIATO_OIDC_SKEW": "5",
        "ASHIATO_OIDC_TENANT_CLAIM": "https://id.example/company",
        "ASHIATO_OIDC_EMAIL_CLAIM": "mail",
        "ASHIATO_OIDC_LINK_BY_EMAIL": "no",
        "ASHIATO_LOG_NAME": "audit.example.com/ashiato",
        "ASHIATO_LEAD_SECONDS": "30",
        "ASHIATO_WATCH_PORT": "9101",
        "ASHIATO_SIGNING_KEY": "/keys/checkpoints.pem",
        "ASHIATO_CHECKPOINT_SECONDS": "60",
        "ASHIATO_ANCHOR_FOLDER": str(tmp_path),
        "ASHIATO_WEBHOOK_HOSTS": "audit.internal:8443, Localhost",
        "ASHIATO_WEBHOOK_ROOTS": __file__,
        "ASHIATO_TSA_URL": "https://tsa.example",
        "ASHIATO_TSA_ROOTS": __file__,
        "ASHIATO_TSA_SECONDS": "60",
        "ASHIATO_LOG_LEVEL": "Debug",
        "ASHIATO_LOG_FORMAT": "json",
    }
    assert Settings.from_environment(environment) == Settings(
        database_url="postgresql://u:p@db:5432/ashiato",
        data_dir=Path("data"),
        pg_bin=tmp_path,
        host="0.0.0.0",  # noqa: S104 - only read, never bound
        port=80,
        body_limit=2048,
        pool_size=4,
        lead_seconds=30,
        watch_port=9101,
        operator_token="a-token-of-twenty-characters",
        oidc_issuer="https://id.example/realm",
        oidc_audience="ashiato",
        oidc_algorithms=("ES256", "PS256"),
        oidc_skew=5,
        oidc_tenant_claim="https://id.example/company",
        oidc_email_claim="mail",
        oidc_link_by_email=False,
        log_name="audit.example.com/ashiato",
        signing_key=Path("/keys/checkpoints.pem"),
        checkpoint_seconds=60,
        anchor_folder=tmp_path,
        webhook_hosts=("audit.internal:8443", "localhost"),
        webhook_roots=Path(__file__),
        tsa_url="https://tsa.example",
        tsa_roots=Path(__file__),
        tsa_seconds=60,
        log_level="debug",
        log_format="json",
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DATABASE_URL", "mysql://u:secret@db", "DATABASE_URL: expected a URL like postgresql://"),
        ("ASHIATO_PG_BIN", "/no/such", "ASHIATO_PG_BIN: expected an existing folder, but got '/no/such'"),
        ("ASHIATO_PORT", "http", "ASHIATO_PORT: expected a whole number from 0 to 65535, but got 'http'"),
        ("ASHIATO_PORT", "70000", "ASHIATO_PORT: expected a whole number from 0 to 65535, but got '70000'"),
        ("ASHIATO_PORT", "-1", "ASHIATO_PORT: expected a whole number from 0 to 65535, but got '-1'"),
        ("ASHIATO_PORT", "８０", "ASHIATO_PORT: expected a whole number from 0 to 65535, but got '８０'"),
        ("ASHIATO_BODY_LIMIT", "0", "ASHIATO_BODY_LIMIT: expected a whole number from 1024 to"),
        ("ASHIATO_POOL_SIZE", "0", "ASHIATO_POOL_SIZE: expected a whole number from 1 to 1000, but got '0'"),
        ("ASHIATO_OPERATOR_TOKEN", "short", "ASHIATO_OPERATOR_TOKEN: expected at least 20 printable"),
        ("ASHIATO_OIDC_ISSUER", "http://id.example", "ASHIATO_OIDC_ISSUER: expected an https address, but got 'http"),
        ("ASHIATO_OIDC_ISSUER", "https://id.example", "ASHIATO_OIDC_ISSUER, ASHIATO_OIDC_AUDIENCE: expected both or"),
        ("ASHIATO_OIDC_ALGORITHMS", "RS256,HS256", "ASHIATO_OIDC_ALGORITHMS: expected some of ES256, ES384, ES512"),
        ("ASHIATO_OIDC_ALGORITHMS", "none", "ASHIATO_OIDC_ALGORITHMS: expected some of ES256, ES384, ES512"),
        ("ASHIATO_OIDC_SKEW", "3600", "ASHIATO_OIDC_SKEW: expected a whole number from 0 to 600, but got '3600'"),
        ("ASHIATO_OIDC_LINK_BY_EMAIL", "maybe", "ASHIATO_OIDC_LINK_BY_EMAIL: expected one of yes, no, but got"),
        ("ASHIATO_LOG_LEVEL", "loud", "ASHIATO_LOG_LEVEL: expected one of debug, info, warning, error"),
        ("ASHIATO_LOG_FORMAT", "xml", "ASHIATO_LOG_FORMAT: expected one of console, json, but got 'xml'"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({name: value})
    assert str(refusal.value).startswith(message)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({"ASHIATO_PORT": "x", "ASHIATO_LOG_LEVEL": "y"})
    assert len(str(refusal.value).splitlines()) == 2


def test_a_wrong_database_url_is_not_repeated_for_it_may_hold_a_password() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({"DATABASE_URL": "mysql://u:secret@db"})
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("value", ["1", "true", "YES", "on", " t "])
def test_the_librarys_database_functions_are_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="readers of the log lose events for ever"):
        Settings.from_environment({"POSTGRES_ENABLE_DB_FUNCTIONS": value})


@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_the_librarys_database_functions_may_be_off(value: str) -> None:
    assert Settings.from_environment({"POSTGRES_ENABLE_DB_FUNCTIONS": value}) == Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_every_setting_is_documented_and_has_a_reader() -> None:
    names = [field.name for field in fields(Settings)]
    assert sorted(READERS) == sorted(names)
    assert settings.__doc__ is not None
    assert [name for name in names if f"| {variable(name)} " not in settings.__doc__] == []
