"""What the environment says of Kafka; read by what uses it, and by nothing else.

| variable                     | meaning                                                        | default         |
|------------------------------|----------------------------------------------------------------|-----------------|
| ASHIATO_KAFKA_SERVERS        | some brokers, host:port, separated by commas                   | no Kafka        |
| ASHIATO_KAFKA_TOPIC          | the topic that the log goes to                                 | ashiato.events  |
| ASHIATO_KAFKA_PARTITIONS     | its partitions when it is made; they never change              | 12              |
| ASHIATO_KAFKA_REPLICATION    | its replicas when it is made, 0 for what the brokers say       | 0               |
| ASHIATO_KAFKA_RETENTION_HOURS | how long its records are kept, 0 for ever                     | 168             |
| ASHIATO_KAFKA_LARGEST        | bytes of the largest record                                    | 1000000         |
| ASHIATO_KAFKA_SOURCE         | `ce_source` of every record: this installation's name, a URI   | urn:ashiato     |
| ASHIATO_KAFKA_SECURITY       | PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL                     | PLAINTEXT       |
| ASHIATO_KAFKA_CA             | a file of certificates that brokers' are signed with           | the system's    |
| ASHIATO_KAFKA_CERTIFICATE    | a file with our certificate, where brokers want one            | none            |
| ASHIATO_KAFKA_KEY            | a file with its key                                            | none            |
| ASHIATO_KAFKA_MECHANISM      | PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512                          | none            |
| ASHIATO_KAFKA_USER           | the user's name, with a mechanism                              | none            |
| ASHIATO_KAFKA_PASSWORD       | the user's password, with a mechanism                          | none            |
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from infra.setting_readers import existing_file, one_of, whole
from infra.settings import SettingsError

SERVERS = re.compile(r"[^\s,:/]+:\d{1,5}(,[^\s,:/]+:\d{1,5})*")
TOPIC = re.compile(r"[A-Za-z0-9._-]{1,200}")
URI = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]{1,200}")
SECURITIES = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
NEEDED = "ASHIATO_KAFKA_SERVERS: expected some brokers like kafka-1:9092,kafka-2:9092, but it is not set"


@dataclass(frozen=True)
class KafkaSettings:
    """Where Kafka is, how to get in, and what our topic is like."""

    servers: str
    topic: str = "ashiato.events"
    partitions: int = 12
    replication: int = 0
    retention_hours: int = 168
    largest: int = 1_000_000
    source: str = "urn:ashiato"
    security: str = "PLAINTEXT"
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    mechanism: str | None = None
    user: str | None = None
    password: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "KafkaSettings | None":
        """Read the environment; None when no brokers are named. `SettingsError` names every variable that is wrong."""
        found: dict[str, Any] = {}
        complaints = []
        for field in fields(cls):
            text = environment.get(variable(field.name), "").strip()
            if not text:
                continue  # an empty variable is one that is not set
            try:
                found[field.name] = READERS[field.name](text)
            except ValueError as error:
                got = "something else" if field.name == "password" else repr(text)
                complaints.append(f"{variable(field.name)}: expected {error}, but got {got}")
        complaints += _misfits(found)
        if complaints:
            raise SettingsError("\n".join(complaints))
        return cls(**found) if "servers" in found else None

    @classmethod
    def needed(cls, environment: Mapping[str, str] = os.environ) -> "KafkaSettings":
        """The same, for what cannot do without. Raises SettingsError."""
        settings = cls.from_environment(environment)
        if settings is None:
            raise SettingsError(NEEDED)
        return settings

    def client(self, name: str) -> dict[str, Any]:
        """What every client of kafka-python is made with."""
        config: dict[str, Any] = {
            "bootstrap_servers": self.servers.split(","),
            "client_id": f"ashiato-{name}",
            "security_protocol": self.security,
            # How long a broker that does not answer holds us up; the defaults are for people who wait.
            "bootstrap_timeout_ms": 10_000,
            "request_timeout_ms": 10_000,
            "reconnect_backoff_max_ms": 1_000,
        }
        given = {
            "ssl_cafile": self.ca,
            "ssl_certfile": self.certificate,
            "ssl_keyfile": self.key,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }
        return config | {key: value for key, value in given.items() if value is not None}


def variable(field: str) -> str:
    """The environment variable of a field."""
    return f"ASHIATO_KAFKA_{field.upper()}"


def _misfits(found: Mapping[str, Any]) -> list[str]:
    """What does not go together."""
    complaints = []
    given = [name for name in ("mechanism", "user", "password") if name in found]
    if len(given) != (3 if found.get("security", "").startswith("SASL") else 0):
        complaints.append(
            "ASHIATO_KAFKA_SECURITY: expected SASL_… with mechanism, user and password, or none of these, but got some"
        )
    if ("certificate" in found) != ("key" in found):
        complaints.append("ASHIATO_KAFKA_CERTIFICATE, ASHIATO_KAFKA_KEY: expected both or neither, but got one")
    return complaints


def _like(pattern: "re.Pattern[str]", words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(words)
        return text

    return read


def _file(text: str) -> str:
    return str(existing_file(text))


READERS: dict[str, Callable[[str], object]] = {
    "servers": _like(SERVERS, "brokers like kafka-1:9092,kafka-2:9092"),
    "topic": _like(TOPIC, "at most 200 of a-z, A-Z, 0-9, dot, underscore and hyphen"),
    "partitions": whole(1, 200),
    "replication": whole(0, 20),
    "retention_hours": whole(0, 24 * 3660),
    "largest": whole(10_000, 100_000_000),
    "source": _like(URI, "a URI like urn:ashiato or https://ashiato.example"),
    "security": one_of(SECURITIES),
    "ca": _file,
    "certificate": _file,
    "key": _file,
    "mechanism": one_of(MECHANISMS),
    "user": str,
    "password": str,
}
