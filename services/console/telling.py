"""A trail's entry in words: its sentence, and what else it holds. Whatever people typed is set apart in <bdi>."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from domain.procedures.definition import Definition, Field
from domain.services import SERVICES, Service
from queries.trail import TrailRow
from services.console import command_words
from services.console.asks import Asking
from services.console.sentences import BY_CONDITION, SENTENCES
from services.console.words import LANGS, PERMISSIONS, PLANS, Lang, term, word

TERMS = {
    "permission": PERMISSIONS,
    "plan": PLANS,
    "command": command_words.COMMANDS,
    "code": command_words.REFUSALS,
}
WITH_DETAILS = {"run.started", "run.step_completed", "command.refused"}
"""What holds names of anchors, fields or steps, whose titles are in the procedure's definition."""
PEOPLE = ("assignee", "members", "delegates")
DAYS = ("due", "starts", "until", "on")
TIMES = (
    *("ends_at", "expires_at", "ended_at", "effective_at", "access_ends_at", "keys_until"),
    *("recorded_since", "recorded_until"),
)
NOTHING = "—"
MOST_NAMES = 20
"""Names in a sentence."""
HIDDEN = "●●●"
NONE = {"plan": "trial", "seats": "no_limit", "access_ends_at": "no_end"}
"""What a missing value means, where it means something."""

QUOTED = re.compile(r"'([a-z0-9_-]+)'")
NAME = Markup("<bdi>{}</bdi>")
Shown = Callable[[str], str]
"""An instant or a day, as text, as a person reads it."""


class _Parts(dict[str, Markup]):
    def __missing__(self, key: str) -> Markup:
        return Markup("—")


@dataclass(frozen=True, slots=True)
class Telling:
    """How entries are told: in which language, with which names of members, titles of roles, and definitions."""

    lang: Lang
    names: Mapping[str, str]
    moment: Shown
    day: Shown
    roles: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[tuple[str, int], Definition] = field(default_factory=dict)

    def sentence(self, entry: TrailRow) -> Markup:
        """The sentence of an entry; KeyError for a type that has none."""
        parts = _Parts(
            actor=self._actor(entry),
            member=self._name(entry.member_name, "unknown_member" if entry.member_id else "nobody"),
            step=NAME.format(entry.step_title or entry.step_id or NOTHING),
            to=NAME.format(entry.to_title or NOTHING),
            title=NAME.format(entry.stream_title or NOTHING),
        )
        for prefix, changed in (("old_", entry.old), ("new_", entry.new)):
            for key, value in (changed or {}).items():
                parts[prefix + key] = NAME.format(self._shown(key, value))
        by_itself = entry.type == "run.step_skipped" and (entry.new or {}).get("cause") == "condition"
        told = BY_CONDITION if by_itself else SENTENCES[entry.type]
        return Markup(told[LANGS.index(self.lang)]).format_map(parts)  # noqa: S704 – our own words, names escaped

    def details(self, entry: TrailRow) -> list[tuple[str, str]]:
        """What an entry holds beside its sentence: form values that are not personal, anchors, a refusal's words."""
        new = entry.new or {}
        if entry.type == "run.step_completed":
            values = {**new.get("values", {}), **dict.fromkeys(new.get("personal", ()), HIDDEN)}
            return [self._value(entry, key, value) for key, value in values.items() if value != ""]
        if entry.type == "run.started":
            asking = self._asking(entry)
            anchors = new.get("anchors", {}).items()
            return [(asking.anchor_title(key) if asking else key, self.day(value)) for key, value in anchors]
        return self._refused(entry, new) if entry.type == "command.refused" else []

    def _refused(self, entry: TrailRow, new: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The refusal's own sentence, which is English; where its code has words, only the step that it names."""
        if self.lang == "en" or new["code"] not in command_words.REFUSALS:
            return [(new["code"], new["sentence"])]
        asking = self._asking(entry)
        titles = {s.id: s.title for s in asking.definition.steps} if asking else {}
        named = [titles[name] for name in QUOTED.findall(new["sentence"]) if name in titles]
        return [(word(self.lang, "step"), named[-1])] if named else []

    def _actor(self, entry: TrailRow) -> Markup:
        service = SERVICES.get(entry.actor or "")
        name = entry.actor_name or (service and service_name(service, self.lang))
        actor = self._name(name, "unknown_member" if entry.actor else "system")
        if entry.on_behalf_of is None:
            return actor
        behalf = self._name(entry.on_behalf_of_name, "unknown_member")
        return actor + Markup(word(self.lang, "for_whom")).format(name=behalf)  # noqa: S704 – our own word

    def _name(self, name: str | None, otherwise: str) -> Markup:
        return NAME.format(name) if name else Markup.escape(word(self.lang, otherwise))

    def _shown(self, key: str, value: Any) -> str:
        if key in PEOPLE:
            return self._people(value)
        if value is None:
            return word(self.lang, NONE[key]) if key in NONE else NOTHING
        if key == "seats":
            return word(self.lang, "seats_counted", count=value)
        if key in TIMES:
            return self.moment(value)
        if key == "role":
            return self.roles.get(value, str(value))
        return self.day(value) if key in DAYS else term(TERMS.get(key, {}), self.lang, str(value))

    def _people(self, value: Any) -> str:
        ids = value if isinstance(value, list) else [value] if value else []
        known = [self.names.get(i) or word(self.lang, "unknown_member") for i in ids[:MOST_NAMES]]
        known += [word(self.lang, "and_more", count=len(ids) - MOST_NAMES)] if len(ids) > MOST_NAMES else []
        return word(self.lang, "comma").join(known) or word(self.lang, "nobody")

    def _value(self, entry: TrailRow, key: str, value: Any) -> tuple[str, str]:
        asking = self._asking(entry)
        found = _field(asking.definition, entry.step_id, key) if asking else None
        if asking is None or found is None:
            return key, str(value)
        return found.title, HIDDEN if value == HIDDEN else asking.value(found, value)

    def _asking(self, entry: TrailRow) -> Asking | None:
        definition = self.definitions.get((entry.procedure_id or "", entry.procedure_version or 0))
        return Asking(definition, self.lang, self.names) if definition else None


def _field(definition: Definition, step: str | None, name: str) -> Field | None:
    return next((f for s in definition.steps if s.id == step for f in s.fields if f.id == name), None)


def service_name(service: Service, lang: Lang) -> str:
    """How a service is called."""
    return service.japanese if lang == "ja" else service.english


def day_reader(show: Callable[[date], str]) -> Shown:
    """Days as they stand in the log, shown."""
    return lambda text: show(date.fromisoformat(text))


def moment_reader(show: Callable[[datetime], str]) -> Shown:
    """Instants as they stand in the log, shown."""
    return lambda text: show(datetime.fromisoformat(text))
