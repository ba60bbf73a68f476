"""Every table and view of ours, as the catalogue knows them: nobody keeps a list that could miss one."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from infra.roles import ROLES

WITHOUT_TENANT = {
    "public.schema_migrations": "which migrations were applied",
    "public.projections": "how far read models have scanned the whole log",
    "public.relays": "how far the whole log is in which topic of Kafka",
    "public.topic_strangers": "records in a topic of Kafka that are no events",
    "public.signing_keys": "the public keys that sign every tenant's checkpoints",
    "public.checkpointing": "how far the whole log is in trees",
}
"""Tables whose rows are of no tenant, and what they hold."""
KEYS_WITHOUT_TENANT = {
    "events_pkey": "the global position, which no tenant chooses: append hands it out under its lock",
    "console_passes_pkey": "the SHA-256 of 256 random bits, looked up before a tenant is known",
}
"""Unique keys that do not begin with the tenant, and why no value of another tenant shows by them."""

ALL = (*ROLES.taken, ROLES.writer)
"""Every role of the server's."""
SELECT, INSERT, UPDATE, DELETE = "SELECT", "INSERT", "UPDATE", "DELETE"
SIGNED = ("signing_keys", "merkle_nodes", "checkpoints")
ANCHORED = ("anchors", "anchor_webhooks", "alarms", "alarm_closings")
EVERYTHING = {SELECT, INSERT, UPDATE, DELETE}
MAY: dict[str, dict[str, set[str]]] = {
    # As their owner; but forced row-level security holds for it too, and nobody changes an event.
    ROLES.owner: {
        "public.events": {SELECT, INSERT},
        **{f"public.{name}": {SELECT, INSERT} for name in ("auditor_reads", "erasures", *SIGNED, *ANCHORED)},
        **{
            f"public.{name}": EVERYTHING
            for name in (
                *("commands", "snapshots", "console_passes", "projections", "api_key_uses", "checkpointing"),
                *("relays", "relay_dead_letters", "parked_streams", "export_jobs"),
            )
        },
        "public.data_keys": EVERYTHING,
    },
    ROLES.writer: {
        "public.events": {SELECT, INSERT},
        "public.commands": {SELECT, INSERT},
        "public.snapshots": {SELECT, DELETE},
        "public.data_keys": EVERYTHING,
        "public.erasures": {SELECT, INSERT},
        "public.anchor_webhooks": {INSERT},
    },
    ROLES.application: {
        "public.events": {SELECT},
        "public.commands": {SELECT},
        "public.snapshots": {SELECT, INSERT, UPDATE},
        "public.console_passes": {SELECT, INSERT, DELETE},
        "public.projections": {SELECT},
        "public.signing_keys": {SELECT},
        "public.checkpointing": {SELECT},
        "public.auditor_reads": {SELECT, INSERT},
        "public.api_key_uses": {SELECT, INSERT, UPDATE},
    },
    ROLES.projector: {
        "public.events": {SELECT},
        "public.commands": {SELECT},
        "public.projections": EVERYTHING,
        "public.parked_streams": EVERYTHING,
        "public.export_jobs": EVERYTHING,
        "public.relays": {SELECT, INSERT, UPDATE, DELETE},
        "public.relay_dead_letters": {SELECT, INSERT},
        "public.topic_strangers": {SELECT, INSERT},
        **{f"public.{name}": {SELECT} for name in ("checkpointing", "data_keys", "erasures", *SIGNED)},
    },
    ROLES.reader: {
        f"public.{name}": {SELECT}
        for name in (
            *("events", "projections", "parked_streams", "export_jobs", "auditor_reads", "api_key_uses"),
            *("checkpointing", "data_keys", "erasures", *SIGNED, *ANCHORED),
        )
    },
    ROLES.signer: {
        "public.events": {SELECT},  # some columns: test_rounds.py
        "public.checkpointing": {SELECT, UPDATE},
        **{f"public.{name}": {SELECT, INSERT} for name in (*SIGNED, *ANCHORED)},
        "public.anchor_webhooks": {SELECT},
    },
}
"""What each role may do with the tables that are no read models; whatever is not here is refused."""
EVERY_TENANT = {
    ("ashiato_writer", "public.events"),
    ("ashiato_writer", "public.commands"),
    ("ashiato_writer", "public.snapshots"),
    ("ashiato_writer", "public.data_keys"),
    ("ashiato_writer", "public.erasures"),
    ("ashiato_writer", "public.anchor_webhooks"),
    ("ashiato_projector", "public.data_keys"),
    ("ashiato_projector", "public.erasures"),
    ("ashiato_projector", "public.events"),
    ("ashiato_projector", "public.commands"),
    ("ashiato_projector", "public.parked_streams"),
    ("ashiato_projector", "public.export_jobs"),
    ("ashiato_projector", "public.relay_dead_letters"),
    ("ashiato_projector", "public.merkle_nodes"),
    ("ashiato_projector", "public.checkpoints"),
    ("ashiato_signer", "public.events"),
    *(("ashiato_signer", f"public.{name}") for name in ANCHORED),
    ("ashiato_signer", "public.merkle_nodes"),
    ("ashiato_signer", "public.checkpoints"),
}
"""Who sees the rows of all tenants in a table that is no read model."""

RELATIONS = """
    SELECT format('%I.%I', n.nspname, c.relname), n.nspname, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity,
           c.relowner::regrole::text, coalesce(c.reloptions, '{}') @> '{security_invoker=true}',
           EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnum > 0),
           ARRAY(SELECT polname::text FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_|^information_schema$'
    ORDER BY 1
"""
KEYS = """
    SELECT i.indexrelid::regclass::text, (
        SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indisunique AND n.nspname !~ '^pg_|^information_schema$'
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view, its kind as pg_class has it, and how it is protected."""

    name: str
    schema: str
    kind: str
    secured: bool
    forced: bool
    owner: str
    invoker: bool
    has_tenant: bool
    policies: list[str]

    @property
    def is_read_model(self) -> bool:
        """It lives in a projection's schema."""
        return self.schema != "public"

    def may(self, role: str) -> set[str]:
        """What a role may do with it."""
        if not self.is_read_model:
            return MAY.get(role, {}).get(self.name, set())
        return {ROLES.reader: {SELECT}, ROLES.projector: EVERYTHING}.get(role, set())

    def shows_all(self, role: str) -> bool:
        """Whether a role sees the rows of every tenant in it."""
        return (role == ROLES.projector) if self.is_read_model else (role, self.name) in EVERY_TENANT


def relations(connection: Connection[Any]) -> list[Relation]:
    """All of them."""
    return [Relation(*row) for row in connection.execute(RELATIONS)]


def tenant_tables(connection: Connection[Any]) -> list[Relation]:
    """Those whose rows are a tenant's."""
    return [one for one in relations(connection) if one.has_tenant]


def faults(connection: Connection[Any]) -> list[str]:
    """What is wrong with how tables, views and keys are protected; nothing, it is hoped."""
    found = [f"{one.name}: {fault}" for one in relations(connection) if (fault := _fault(one))]
    for key, first in connection.execute(KEYS):
        if first != "tenant_id" and key not in KEYS_WITHOUT_TENANT:
            found.append(f"{key}: a unique key that does not begin with tenant_id")
    return found


def _fault(one: Relation) -> str | None:
    if one.kind in "mf":
        return "row-level security cannot protect a materialized view or a foreign table"
    if one.kind == "v":
        return None if one.invoker else "a view without security_invoker shows what its owner sees"
    if not one.has_tenant:
        return None if one.name in WITHOUT_TENANT else "no tenant_id, and no reason why"
    if not (one.secured and one.forced):
        return "row-level security is not forced"
    return None if "tenant" in one.policies else "no policy for its tenant"
