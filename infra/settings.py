"""What the environment says, read once at the start; a wrong value stops the program with a clear message.

| variable               | meaning                                          | default               |
|------------------------|--------------------------------------------------|-----------------------|
| DATABASE_URL           | a PostgreSQL to use instead of the embedded one  | embedded              |
| ASHIATO_DATA_DIR       | where the embedded PostgreSQL keeps its data     | .ashiato, where run   |
| ASHIATO_KEY_FILE       | the file with the keys that wrap people's keys   | keys, in DATA_DIR     |
| ASHIATO_PG_BIN         | PostgreSQL's programs instead of the wheel's     | the wheel's           |
| ASHIATO_HOST           | the address to listen on                         | 127.0.0.1             |
| ASHIATO_PORT           | the port to listen on, 0 for any free one        | 8000                  |
| ASHIATO_WATCH_PORT     | where relays and lone projectors answer /readyz and /metrics | nowhere   |
| ASHIATO_BODY_LIMIT     | the largest request body, bytes                  | 1048576               |
| ASHIATO_POOL_SIZE      | database connections of one process, at most     | 10                    |
| ASHIATO_LEAD_SECONDS   | a projector or relay that is silent for so long is replaced | 10         |
| ASHIATO_OPERATOR_TOKEN | who shows it may ask for /metrics                | those on this machine |
| ASHIATO_OIDC_ISSUER    | whose sign-in tokens are taken beside API keys   | nobody's              |
| ASHIATO_OIDC_AUDIENCE  | whom those tokens are for: this program          | needed with an issuer |
| ASHIATO_OIDC_ALGORITHMS | their algorithms, separated by commas           | RS256,ES256,EdDSA     |
| ASHIATO_OIDC_SKEW      | seconds that clocks may be apart                 | 60                    |
| ASHIATO_OIDC_TENANT_CLAIM | the claim that holds the company's id         | ashiato_tenant        |
| ASHIATO_OIDC_EMAIL_CLAIM | the claim that holds the e-mail address        | email                 |
| ASHIATO_OIDC_LINK_BY_EMAIL | a verified address links a new subject: yes, no | yes                |
| ASHIATO_LOG_NAME       | what checkpoints call this server's logs         | ashiato               |
| ASHIATO_SIGNING_KEY    | the file with the key that signs checkpoints     | in the data folder    |
| ASHIATO_CHECKPOINT_SECONDS | from one checkpoint to the next, at most 60  | 30                    |
| ASHIATO_ANCHOR_FOLDER  | an existing folder where each checkpoint is kept | none                  |
| ASHIATO_WEBHOOK_HOSTS  | hosts that webhooks may call though not public   | none                  |
| ASHIATO_WEBHOOK_ROOTS  | certificates of one's own that webhooks may have  | none                  |
| ASHIATO_TSA_URL        | a timestamp authority (RFC 3161)                 | none                  |
| ASHIATO_TSA_ROOTS      | the certificates that its answers are checked by | needed with an authority |
| ASHIATO_TSA_SECONDS    | from one timestamp of a company to the next      | 3600                  |
| ASHIATO_EXPORTS_FOLDER | where exports are kept, shared by all processes   | exports, in DATA_DIR  |
| ASHIATO_EXPORT_DAYS    | for how long an export can be downloaded         | 7                     |
| ASHIATO_LOG_LEVEL      | debug, info, warning or error                    | info                  |
| ASHIATO_LOG_FORMAT     | console or json; logs go to standard error       | console               |
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from infra.oidc.configuration import ASYMMETRIC, USUAL, IssuerWrong, check_address
from infra.setting_readers import existing_file, existing_folder, one_of, whole

LONGEST_CLAIM = 200
HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9a-f:]+\](?::[0-9]{1,5})?")
LOG_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._/-]{0,98}[a-z0-9])?")
MIB = 1024 * 1024
LEAST_TOKEN = 20
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("console", "json")
TRUTHY = frozenset({"1", "t", "true", "y", "yes", "on"})

DB_FUNCTIONS_ARE_ON = (
    "POSTGRES_ENABLE_DB_FUNCTIONS: expected it to be unset, but it is on; with it the eventsourcing library "
    "writes without its lock: positions become visible out of order, and readers of the log lose events for "
    "ever"
)


class SettingsError(ValueError):
    """The environment holds what the program cannot use; one line for each variable."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    database_url: str | None = None
    data_dir: Path = Path(".ashiato")
    key_file: Path | None = None
    pg_bin: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    body_limit: int = MIB
    pool_size: int = 10
    watch_port: int | None = None
    lead_seconds: int = 10
    operator_token: str | None = None
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_algorithms: tuple[str, ...] = USUAL
    oidc_skew: int = 60
    oidc_tenant_claim: str = "ashiato_tenant"
    oidc_email_claim: str = "email"
    oidc_link_by_email: bool = True
    log_name: str = "ashiato"
    signing_key: Path | None = None
    checkpoint_seconds: int = 30
    anchor_folder: Path | None = None
    webhook_hosts: tuple[str, ...] = ()
    webhook_roots: Path | None = None
    tsa_url: str | None = None
    tsa_roots: Path | None = None
    tsa_seconds: int = 3600
    exports_folder: Path | None = None
    export_days: int = 7
    log_level: str = "info"
    log_format: str = "console"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; `SettingsError` names every variable that is wrong."""
        found: dict[str, Any] = {}
        complaints = _dangers(environment)
        for field in fields(cls):
            text = environment.get(variable(field.name), "").strip()
            if not text:
                continue  # an empty variable is one that is not set
            try:
                found[field.name] = READERS[field.name](text)
            except ValueError as error:
                got = shown(field.name, text)
                complaints.append(f"{variable(field.name)}: expected {error}, but got {got}")
        if ("oidc_issuer" in found) != ("oidc_audience" in found):
            complaints.append("ASHIATO_OIDC_ISSUER, ASHIATO_OIDC_AUDIENCE: expected both or neither, but got one")
        if ("tsa_url" in found) != ("tsa_roots" in found):
            complaints.append("ASHIATO_TSA_URL, ASHIATO_TSA_ROOTS: expected both or neither, but got one")
        if complaints:
            raise SettingsError("\n".join(complaints))
        return cls(**found)


def signing_key_of(settings: Settings) -> Path:
    """Where the key that signs checkpoints is."""
    return settings.signing_key or settings.data_dir / "signing-key.pem"


def exports_folder_of(settings: Settings) -> Path:
    """Where exports are kept."""
    return (settings.exports_folder or settings.data_dir / "exports").absolute()


def variable(field: str) -> str:
    """The environment variable of a field."""
    return "DATABASE_URL" if field == "database_url" else f"ASHIATO_{field.upper()}"


def shown(field: str, text: str) -> str:
    """A value as a message may repeat it: a token is a secret, and a database URL may hold one."""
    return "something else" if field in ("database_url", "operator_token") else repr(text)


def _dangers(environment: Mapping[str, str]) -> list[str]:
    if environment.get("POSTGRES_ENABLE_DB_FUNCTIONS", "").strip().lower() not in TRUTHY:
        return []
    return [DB_FUNCTIONS_ARE_ON]


def _database_url(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("a URL like postgresql://user:password@host:5432/database")
    return text


def _token(text: str) -> str:
    if len(text) < LEAST_TOKEN or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"at least {LEAST_TOKEN} printable ASCII characters without blanks")
    return text


def _issuer(text: str) -> str:
    try:
        return check_address(text)
    except IssuerWrong:
        raise ValueError("an https address") from None


def _algorithms(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if not set(names) <= ASYMMETRIC:
        raise ValueError(f"some of {', '.join(sorted(ASYMMETRIC))}, separated by commas")
    return names


def _claim(text: str) -> str:
    if len(text) > LONGEST_CLAIM or not text.isascii() or not text.isprintable():
        raise ValueError(f"at most {LONGEST_CLAIM} printable ASCII characters")
    return text


def _log_name(text: str) -> str:
    if not LOG_NAME.fullmatch(text):
        raise ValueError("a name like audit.example.com/ashiato, of at most 100 of a-z, 0-9, '.', '-', '_' and '/'")
    return text


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(host.strip().lower() for host in text.split(","))
    if not all(HOST.fullmatch(host) for host in hosts):
        raise ValueError("hosts like audit.internal:8443, separated by commas")
    return hosts


def _web_address(text: str) -> str:
    if not text.startswith(("https://", "http://")) or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("an http or https address")
    return text


def _yes_or_no(text: str) -> bool:
    return one_of(("yes", "no"))(text) == "yes"


READERS: dict[str, Callable[[str], object]] = {
    "database_url": _database_url,
    "data_dir": Path,
    "key_file": Path,
    "pg_bin": existing_folder,
    "host": str,
    "port": whole(0, 65535),
    "body_limit": whole(1024, 64 * MIB),
    "pool_size": whole(1, 1000),
    "watch_port": whole(0, 65535),
    "lead_seconds": whole(3, 600),
    "operator_token": _token,
    "oidc_issuer": _issuer,
    "oidc_audience": _claim,
    "oidc_algorithms": _algorithms,
    "oidc_skew": whole(0, 600),
    "oidc_tenant_claim": _claim,
    "oidc_email_claim": _claim,
    "oidc_link_by_email": _yes_or_no,
    "log_name": _log_name,
    "signing_key": Path,
    "checkpoint_seconds": whole(1, 60),
    "anchor_folder": existing_folder,
    "webhook_hosts": _hosts,
    "webhook_roots": existing_file,
    "tsa_url": _web_address,
    "tsa_roots": existing_file,
    "tsa_seconds": whole(1, 30 * 86_400),
    "exports_folder": Path,
    "export_days": whole(1, 366),
    "log_level": one_of(LOG_LEVELS),
    "log_format": one_of(LOG_FORMATS),
}
