"""What a directory says of a user, as the change that it asks for.

Attributes of the standard that nothing is kept of are passed over: directories send many.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from domain.refusals import InvalidInput
from domain.tenants.permissions import Permission
from domain.tenants.provisioning import CLEARED, Profile
from services.api.scim.errors import AttributeRequired, InvalidPath
from services.api.scim.filters import predicate
from services.api.scim.names import ENTERPRISE, MEMBER, PASSED_OVER, bare

Said = dict[str, Any]
"""Fields of `Profile` by name, and the parts of a name: `formatted`, `given`, `family`."""

OURS = MEMBER.lower()
PARTS = {"name": "name.", OURS: f"{OURS}:"}
EMAILS = re.compile(r"emails(?:\[(?P<filter>.*)\])?(?:\.(?P<part>\w+))?", re.DOTALL)
OTHER_KIND = re.compile(r"""type\s+eq\s+"(?!work")""", re.IGNORECASE)
BRACKETS = re.compile(r"\[.*\]", re.DOTALL)
HAN_OR_KANA = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
NEEDED = ("username", "displayname", "name", "name.formatted", "active", OURS, f"{OURS}:permission")
CLEARABLE = {"externalid": "external_id", f"{OURS}:department": "department"}
READ_ONLY = ("id", "meta", "schemas", "groups")


def whole_user(document: Mapping[str, Any], current: str | None = None) -> Profile:
    """The user of a POST or PUT; `current` is the name they go by until now. Raises InvalidInput."""
    said: Said = {"external_id": CLEARED}
    for key, value in document.items():
        if bare(key) not in READ_ONLY:
            _set(said, bare(key), value)
    if not said.get("user_name"):
        raise InvalidInput("expected a text for 'userName', but there is none", field="userName")
    return _profile(said, current)


def changes(document: Mapping[str, Any]) -> Profile:
    """The change that a PATCH asks for, its operations in order.

    Raises InvalidInput, InvalidPath, AttributeRequired.
    """
    given = {str(key).lower(): value for key, value in document.items()}
    operations = given.get("operations")
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise InvalidInput("expected a list of 'Operations', but got something else", field="Operations")
    said: Said = {}
    for operation in operations:
        _operate(said, {str(key).lower(): value for key, value in operation.items()})
    return _profile(said, None)


def _operate(said: Said, operation: Mapping[str, Any]) -> None:
    kind, path, value = str(operation.get("op")).lower(), operation.get("path"), operation.get("value")
    if kind not in ("add", "replace", "remove"):
        raise InvalidInput("expected one of add, replace, remove for 'op', but got another", field="op")
    if path is not None and not isinstance(path, str):
        raise InvalidPath("expected a text for 'path', but got something else")
    if kind == "remove":
        _remove(said, path)
    elif path:
        if bare(path) in READ_ONLY:
            raise AttributeRequired(f"expected an attribute that can be changed, but {path!r} is the server's to say")
        _set(said, bare(path), value)
    else:
        for key, inner in _object("value", value):
            if bare(key) not in READ_ONLY:
                _set(said, bare(key), inner)


def _remove(said: Said, path: str | None) -> None:
    """Take away what a user may be without."""
    if not path:
        raise InvalidPath("expected a 'path' to remove, but there is none")
    name = bare(path)
    emails = EMAILS.fullmatch(name)
    if name in READ_ONLY or name in NEEDED or (emails and not _is_other(emails)):
        named = BRACKETS.sub("[…]", path)
        raise AttributeRequired(f"expected an attribute that users can be without, but {named!r} is needed")
    if name in CLEARABLE:
        said[CLEARABLE[name]] = CLEARED
    elif not emails:
        _pass_over(name)


def _set(said: Said, name: str, value: Any) -> None:
    """One attribute, by its path in lower case."""
    if emails := EMAILS.fullmatch(name):
        _set_email(said, emails, value)
    elif name in PARTS:
        for key, part in _object(name, value):
            _set(said, PARTS[name] + key.lower(), part)
    elif name in SINGLE:
        field, read = SINGLE[name]
        said[field] = read(name, value)
    else:
        _pass_over(name)


def _set_email(said: Said, path: re.Match[str], value: Any) -> None:
    """The one address that is kept: the primary one of several, or else that of work, or else the first."""
    if _is_other(path):
        return
    if path["part"] not in (None, "value"):
        return
    if path["part"] == "value" or isinstance(value, str):
        said["email"] = _text("emails", value)
        return
    given = [each for each in (value if isinstance(value, list) else [value]) if each is not None]
    found = [{key.lower(): part for key, part in _object("emails", each)} for each in given]
    ranked = sorted(found, key=lambda each: (each.get("primary") is not True, each.get("type") != "work"))
    if ranked:
        said["email"] = _text("emails.value", ranked[0].get("value"))


def _is_other(path: re.Match[str]) -> bool:
    """True for addresses that are not kept: those of another kind than work."""
    if path["filter"] is None:
        return False
    predicate(f"emails[{path['filter']}]")
    return OTHER_KIND.search(path["filter"]) is not None


def _pass_over(name: str) -> None:
    """Nothing is kept of it; but what no schema knows is refused, so that a typo is not lost."""
    head = re.split(r"[.\[]", name)[0]
    if head in PASSED_OVER or name.startswith((ENTERPRISE.lower(), "name.", "urn:")):
        return
    raise InvalidPath(f"expected an attribute of users, but got {head!r}")


def _profile(said: Said, current: str | None) -> Profile:
    """What was said, as a change; of a name and its parts that which is new counts, or else the first."""
    parts = said.pop("formatted", None), said.pop("given", None), said.pop("family", None)
    names = [said.pop("name", None), parts[0], _joined(parts[1], parts[2])]
    given = [name for name in names[:2] if name] or [name for name in names[2:] if name]
    if given:
        said["name"] = next((name for name in given if name != current), given[0])
    return Profile(**said)


def _joined(given: str | None, family: str | None) -> str | None:
    """A whole name of its parts, in the order of its script."""
    if not given or not family:
        return None
    return f"{family} {given}" if HAN_OR_KANA.search(given + family) else f"{given} {family}"


def _object(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise InvalidInput(f"expected an object for {name!r}, but got something else", field=name)
    yield from value.items()


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"expected a text for {name!r}, but got something else", field=name)
    return value


def _text_or_none(name: str, value: Any) -> str:
    return _text(name, value) if value else CLEARED


def _yes_or_no(name: str, value: Any) -> bool:
    """Entra ID writes "False"."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise InvalidInput(f"expected true or false for {name!r}, but got something else", field=name)
    return value


def _permission(name: str, value: Any) -> Permission:
    choices: tuple[Permission, ...] = get_args(Permission)
    if value in choices:
        return choices[choices.index(value)]
    raise InvalidInput(f"expected one of {', '.join(choices)} for {name!r}, but got another", field=name)


SINGLE: Mapping[str, tuple[str, Callable[[str, Any], Any]]] = {
    "username": ("user_name", _text),
    "displayname": ("name", _text),
    "externalid": ("external_id", _text_or_none),
    "active": ("active", _yes_or_no),
    "name.formatted": ("formatted", _text_or_none),
    "name.givenname": ("given", _text_or_none),
    "name.familyname": ("family", _text_or_none),
    f"{OURS}:permission": ("permission", _permission),
    f"{OURS}:department": ("department", _text_or_none),
}
"""Attributes of one value: what they are in `Said`, and how they are read."""
