"""What a directory may ask for beside a path: in the query, or in the body of a search."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from domain.refusals import InvalidInput
from services.api.endpoint import Query
from services.api.query import words
from services.api.scim.discovery import MOST, USUAL
from services.api.scim.filters import LONGEST


def _names(name: str) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        return [part.strip() for part in words(name, 5_000)(text).split(",") if part.strip()]

    return read


def _count(name: str, least: int, most: int) -> Callable[[str], int]:
    """RFC 7644, section 3.4.2.4: what is too small or too large is taken as the least or the most."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII):
            raise InvalidInput(f"expected a whole number for {name!r}, but got another", field=name)
        return max(least, min(most, int(text)))

    return read


ENTRA = Query(
    "aadOptscim062020", words("aadOptscim062020", 50), {"type": "string"}, "A flag of Entra ID's; it may be sent."
)
SHAPE = (
    ENTRA,
    Query("attributes", _names("attributes"), {"type": "string"}, "Only these attributes."),
    Query("excludedAttributes", _names("excludedAttributes"), {"type": "string"}, "All but these attributes."),
)
LISTING = (
    Query("filter", words("filter", LONGEST), {"type": "string"}, "Whom to find (RFC 7644, section 3.4.2.2)."),
    Query("startIndex", _count("startIndex", 1, 2**53), {"type": "integer", "default": 1}, "The first one, from 1."),
    Query(
        "count",
        _count("count", 0, MOST),
        {"type": "integer", "default": USUAL, "maximum": MOST},
        "At most so many.",
    ),
    Query("sortBy", words("sortBy", 200), {"type": "string"}, "Not supported: the order is always that of the ids."),
    Query("sortOrder", words("sortOrder", 200), {"type": "string"}, "Not supported."),
)
SEARCH = {query.name.lower(): (query.name, query.read) for query in (*SHAPE, *LISTING)}


def asked(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a search's body asks for, as the query would have it. Raises InvalidInput."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        if (read := SEARCH.get(name.lower())) is not None and value is not None:
            found[read[0]] = read[1](",".join(map(str, value)) if isinstance(value, list) else str(value))
    return found
