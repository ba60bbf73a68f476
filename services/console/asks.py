"""What a step asks, in words: until when, under which condition, and the values of its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.ids import FieldId
from domain.procedures.definition import Condition, Definition, Due, Field, Operator, Unit
from domain.runs.events import Value
from services.console.moments import day_text
from services.console.words import LANGS, Lang, word

# The words of each unit: on the day itself, so many before it, so many after it. In English one, then many.
DUE: Mapping[Unit, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "days": (
        ("{base}当日", "{base}の{n}日前", "{base}から{n}日後"),
        ("on {base}", "{n} day(s) before {base}", "{n} day(s) after {base}"),
    ),
    "business_days": (
        ("{base}当日", "{base}の{n}営業日前", "{base}から{n}営業日後"),
        ("on {base}", "{n} business day(s) before {base}", "{n} business day(s) after {base}"),
    ),
    "months": (
        ("{base}当日", "{base}の{n}か月前", "{base}から{n}か月後"),
        ("on {base}", "{n} month(s) before {base}", "{n} month(s) after {base}"),
    ),
    "day_of_next_month": (
        ("{base}の翌月{n}日", "{base}の翌月{n}日", "{base}の翌月{n}日"),
        ("on day {n} of the month after {base}",) * 3,
    ),
}
OPERATORS: Mapping[Operator, tuple[str, str]] = {
    "is": ("{what}が「{value}」のとき", "when {what} is {value}"),
    "is_not": ("{what}が「{value}」以外のとき", "when {what} is not {value}"),
    "at_least": ("{what}が{value}以上のとき", "when {what} is at least {value}"),
    "at_most": ("{what}が{value}以下のとき", "when {what} is at most {value}"),
    "one_of": ("{what}が「{value}」のいずれかのとき", "when {what} is one of {value}"),
}


@dataclass(frozen=True, slots=True)
class Asking:
    """Tells what the steps of a definition ask, in a language. `names` are those of members by their ids."""

    definition: Definition
    lang: Lang
    names: Mapping[str, str]

    def due(self, due: Due) -> str:
        """How a due date is counted."""
        on, before, after = DUE[due.unit][LANGS.index(self.lang)]
        n = abs(due.offset)
        text = before if due.offset < 0 else after if n else on
        return text.format(base=self._base(due), n=n).replace("(s)", "" if n == 1 else "s")

    def condition(self, condition: Condition) -> str:
        """When the step applies."""
        value = condition.value
        field = self._field(condition)
        shown = self.value(field, value) if isinstance(value, str | bool) else "、".join(map(str, value))
        text = OPERATORS[condition.operator][LANGS.index(self.lang)]
        return text.format(what=field.title, value=shown)

    def value(self, field: Field, value: Value) -> str:
        """A form value as a person reads it."""
        if isinstance(value, bool):
            return word(self.lang, "yes" if value else "no")
        if field.kind == "date":
            return day_text(date.fromisoformat(value), self.lang)
        if field.kind == "person":
            return self.names.get(value, value)
        if field.kind == "amount":
            whole, point, fraction = value.partition(".")
            return f"{int(whole):,}{point}{fraction}"
        return f"SHA-256 {value[:12]}…" if field.kind == "file" else value

    def step_title(self, step: str) -> str:
        """A step's title."""
        return next((s.title for s in self.definition.steps if s.id == step), step)

    def anchor_title(self, anchor: str) -> str:
        """An anchor's title."""
        return next((a.title for a in self.definition.anchors if a.id == anchor), anchor)

    def _base(self, due: Due) -> str:
        if due.after is not None:
            return word(self.lang, "completion_of", step=self.step_title(due.after))
        return self.anchor_title(due.anchor or "")

    def _field(self, condition: Condition) -> Field:
        if condition.step is None or condition.field is None:
            return Field(FieldId("anchor"), self.anchor_title(condition.anchor or ""), "date")
        fields = self.definition.step(condition.step).fields
        return next(field for field in fields if field.id == condition.field)
