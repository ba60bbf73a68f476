"""The doctor's look at who may do what: row-level security, the log's guard, the roles (docs/decisions/025)."""

from typing import Any

from psycopg import Connection

from infra.roles import ROLES
from services.finding import Finding

# Read models that are being filled beside the live ones are their writer's alone: readers may not enter the schema.
UNPROTECTED = """
    SELECT format('%%I.%%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_|^information_schema$'
      AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id' AND attnum > 0)
      AND (n.nspname NOT LIKE '%%\\_\\_next' OR has_schema_privilege(%(reader)s, n.oid, 'USAGE'))
      AND CASE c.relkind
          WHEN 'v' THEN NOT coalesce(c.reloptions, '{}') @> '{security_invoker=true}'
          WHEN 'm' THEN true
          ELSE c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
              SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant')) END
    ORDER BY 1
"""
# Enabled always, and for all three of UPDATE, DELETE and TRUNCATE (the bits of src/include/catalog/pg_trigger.h).
GUARDED = """
    SELECT count(*) > 0 FROM pg_trigger
    WHERE tgrelid = 'public.events'::regclass AND tgname = 'never_changed' AND tgenabled = 'A' AND tgtype & 56 = 56
"""
CHANGERS = """
    SELECT rolname::text FROM pg_roles
    WHERE rolname = ANY (%s) AND (has_table_privilege(oid, 'public.events', 'DELETE, TRUNCATE')
                                  OR has_any_column_privilege(oid, 'public.events', 'UPDATE'))
    ORDER BY 1
"""
ABLE = """
    SELECT rolname::text FROM pg_roles WHERE rolname = ANY (%s) AND (rolcanlogin OR rolsuper OR rolbypassrls) ORDER BY 1
"""
USER = "SELECT session_user::text, rolsuper FROM pg_roles WHERE rolname = session_user"

LIMITED = (ROLES.application, ROLES.projector, ROLES.reader, ROLES.writer)


def roles(connection: Connection[Any]) -> list[Finding]:
    """Whether every tenant's rows are kept apart, and the log cannot be changed by the program."""
    unprotected = _names(connection, UNPROTECTED, {"reader": ROLES.reader})
    changers = _names(connection, CHANGERS, (list(LIMITED),))
    able = _names(connection, ABLE, ([*LIMITED, ROLES.owner],))
    guarded = connection.execute(GUARDED).fetchone() == (True,)
    user, is_super = connection.execute(USER).fetchone() or ("", False)
    return [
        _none("tables show rows to whoever forgets to name a tenant", unprotected),
        _none("roles of the program may change events", changers),
        _none("roles may log in or pass by row-level security", able),
        Finding(guarded, "the log is guarded against changes" if guarded else "the log is not guarded against changes"),
        Finding(True, f"the program logs in as {user}{', a superuser,' if is_super else ''} and takes other roles"),
    ]


def _names(connection: Connection[Any], question: str, parameters: Any) -> list[str]:
    return [name for (name,) in connection.execute(question.encode(), parameters)]


def _none(what: str, names: list[str]) -> Finding:
    return Finding(not names, f"{len(names)} {what}" + (f": {', '.join(names)}" if names else ""))
