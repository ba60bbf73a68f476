"""What the environment says of Kafka, and what is wrong there."""

from pathlib import Path

import pytest

from infra.kafka import settings
from infra.kafka.settings import READERS, KafkaSettings, variable
from infra.settings import SettingsError

SERVERS = {"ASHIATO_KAFKA_SERVERS": "one:9092,two:9092"}
WRONG = {
    "ASHIATO_KAFKA_SERVERS": "kafka",
    "ASHIATO_KAFKA_TOPIC": "two words",
    "ASHIATO_KAFKA_PARTITIONS": "0",
    "ASHIATO_KAFKA_REPLICATION": "-1",
    "ASHIATO_KAFKA_RETENTION_HOURS": "week",
    "ASHIATO_KAFKA_LARGEST": "1",
    "ASHIATO_KAFKA_SOURCE": "no uri",
    "ASHIATO_KAFKA_SECURITY": "TLS",
    "ASHIATO_KAFKA_CA": "/nowhere/at/all",
    "ASHIATO_KAFKA_CERTIFICATE": "/nowhere/at/all",
    "ASHIATO_KAFKA_KEY": "/nowhere/at/all",
    "ASHIATO_KAFKA_MECHANISM": "NTLM",
}


def test_without_servers_there_is_no_kafka() -> None:
    assert KafkaSettings.from_environment({"ASHIATO_KAFKA_TOPIC": "x"}) is None
    with pytest.raises(SettingsError, match="ASHIATO_KAFKA_SERVERS: expected some brokers"):
        KafkaSettings.needed({})


def test_servers_are_enough() -> None:
    assert KafkaSettings.from_environment(SERVERS) == KafkaSettings("one:9092,two:9092")


def test_what_clients_need_to_get_in_reaches_them(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.touch()
    read = KafkaSettings.needed(
        SERVERS
        | {"ASHIATO_KAFKA_SECURITY": "sasl_ssl", "ASHIATO_KAFKA_MECHANISM": "SCRAM-SHA-256"}
        | {"ASHIATO_KAFKA_USER": "u", "ASHIATO_KAFKA_PASSWORD": "p", "ASHIATO_KAFKA_CA": str(file)}
    )
    client = read.client("test")
    assert client["security_protocol"] == "SASL_SSL"
    assert client["sasl_mechanism"] == "SCRAM-SHA-256"
    assert (client["sasl_plain_username"], client["sasl_plain_password"]) == ("u", "p")
    assert client["ssl_cafile"] == str(file)


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_value_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: expected"):
        KafkaSettings.from_environment(SERVERS | {name: WRONG[name]})


@pytest.mark.parametrize(
    "half",
    [
        {"ASHIATO_KAFKA_SECURITY": "SASL_SSL"},
        {"ASHIATO_KAFKA_MECHANISM": "PLAIN", "ASHIATO_KAFKA_USER": "u", "ASHIATO_KAFKA_PASSWORD": "p"},
        {"ASHIATO_KAFKA_CERTIFICATE": __file__},
    ],
)
def test_half_a_way_in_is_refused(half: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="but got"):
        KafkaSettings.from_environment(SERVERS | half)


def test_no_password_is_in_a_message() -> None:
    with pytest.raises(SettingsError) as refused:
        KafkaSettings.from_environment(SERVERS | {"ASHIATO_KAFKA_PASSWORD": "geheim"})
    assert "geheim" not in str(refused.value)


def test_every_variable_is_in_the_table() -> None:
    assert all(f"| {variable(field)} " in (settings.__doc__ or "") for field in READERS)
    assert list(READERS) == list(KafkaSettings.__dataclass_fields__)
