"""`ashiato link`: one-time links into the console, for whoever may use the database."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection

from domain.ids import MemberId, TenantId
from infra.event_store.reader import pool
from infra.read_store.asking import reading_pool
from infra.roles import ROLES
from infra.settings import Settings
from services.console.links import Links

MOST = 20
"""Links at once; an installation with more companies names the one it means."""
PEOPLE = """
    SELECT c.tenant_id::text, c.name, p.member_id::text, p.name
    FROM directory.company c JOIN directory.person p USING (tenant_id)
    WHERE p.status = 'active'
      AND (%(tenant)s::text IS NULL OR c.tenant_id::text = lower(%(tenant)s) OR c.name = %(tenant)s)
      AND CASE WHEN %(member)s::text IS NULL THEN p.permission = 'owner'
               ELSE p.member_id::text = lower(%(member)s) OR p.email = %(member)s END
    ORDER BY c.name, c.tenant_id, p.name, p.member_id LIMIT %(most)s
"""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what to print, nothing is bound


class NobodyToLetIn(LookupError):
    """The options name nobody, or more people than there shall be links."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link's path and query, and who enters by it."""

    company: str
    person: str
    path: str


async def make_links(dsn: str, tenant: str | None = None, member: str | None = None) -> list[Link]:
    """A link for each person: of the company with that id or name, with that id or address; by default all owners.

    Raises NobodyToLetIn.
    """
    async with reading_pool(dsn, 1, ROLES.projector) as all_tenants, pool(dsn, 1) as connections:
        async with all_tenants.connection() as connection:
            people = await _people(connection, tenant, member)
        links, now = Links(connections), datetime.now(UTC)
        return [
            Link(company, person, await links.issue(TenantId(of), MemberId(who), now))
            for of, company, who, person in people
        ]


async def _people(
    connection: AsyncConnection[Any], tenant: str | None, member: str | None
) -> list[tuple[str, str, str, str]]:
    given = {"tenant": tenant, "member": member, "most": MOST + 1}
    people = await (await connection.execute(PEOPLE, given)).fetchall()
    if not people:
        raise NobodyToLetIn(
            "expected an active member to make a link for, but there is none such; --tenant takes a company's id or "
            "name, --member a person's id or e-mail address, and read models that lag do not know the newest"
        )
    if len(people) > MOST:
        raise NobodyToLetIn(f"expected at most {MOST} people to make links for, but there are more; name a --tenant")
    return people


def base_address(settings: Settings) -> str:
    """Where a browser on this machine finds the program that runs with these settings."""
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
