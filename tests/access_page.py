"""The table of docs/access.md: the table of permissions as Markdown, so that the page can be checked against it."""

from collections.abc import Iterator

from domain.tenants.permissions import MAY, READING, Permission

ORDER: tuple[Permission, ...] = ("owner", "admin", "manager", "member", "partner", "auditor")


def tables() -> str:
    """Commands first, then what is read."""
    commands = [name for name in MAY if not name.startswith(READING)]
    reads = [name for name in MAY if name.startswith(READING)]
    return "\n\n".join("\n".join(_table(title, rows)) for title, rows in (("command", commands), ("read", reads)))


def _table(title: str, rows: list[str]) -> Iterator[str]:
    yield f"| {title} | {' | '.join(ORDER)} |"
    yield f"|---|{'---|' * len(ORDER)}"
    for name in rows:
        yield f"| `{name}` | {' | '.join('✓' if permission in MAY[name] else '' for permission in ORDER)} |"
