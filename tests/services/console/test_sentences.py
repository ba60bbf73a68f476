"""Sentences: every event type has one in both languages, and each is made from what the trail holds."""

import re

import pytest

from commands import catalogue as commands
from domain.events import EVENT_TYPES
from domain.refusals import catalogue
from queries.trail import trail
from services.console.command_words import COMMANDS, REFUSALS
from services.console.event_words import EVENT_WORDS
from services.console.sentences import BY_CONDITION, SENTENCES
from services.console.telling import Telling
from services.console.words import LANGS, WORDS, Lang
from tests.queries.chance import runs_by_chance, seats_by_chance
from tests.queries.playing import world

PART = re.compile(r"\{(\w+)\}")


def test_every_event_type_has_a_sentence_and_a_name() -> None:
    assert set(SENTENCES) == set(EVENT_TYPES)
    assert set(EVENT_WORDS) == set(EVENT_TYPES)


def test_every_command_and_every_refusal_on_record_has_a_name() -> None:
    assert set(COMMANDS) == set(commands.COMMANDS)
    assert set(REFUSALS) == {code for code, kind in catalogue().items() if kind.recorded}


@pytest.mark.parametrize("told", [*SENTENCES.values(), BY_CONDITION], ids=[*SENTENCES, "by condition"])
def test_every_sentence_says_who_did_it(told: tuple[str, str]) -> None:
    assert all("{actor}" in text for text in told)


@pytest.mark.parametrize("table", [SENTENCES, WORDS], ids=["sentences", "words"])
def test_both_languages_say_the_same_things(table: dict[str, tuple[str, str]]) -> None:
    for key, (japanese, english) in table.items():
        assert set(PART.findall(japanese)) == set(PART.findall(english)), key


@pytest.mark.parametrize("lang", LANGS)
async def test_the_sentences_of_a_history_leave_nothing_open(database: str, lang: Lang) -> None:
    async with world(database) as w:
        for company in (await runs_by_chance(w, 1, turns=60), await seats_by_chance(w, 1, turns=40)):
            await w.shown()
            for entry in await trail(w.ask, company.tenant, limit=10_000):
                text = Telling(lang, {}, str, str).sentence(entry)
                assert "{" not in text
                assert "None" not in text
                if entry.type not in ("run.step_ready", "run.due_date_changed"):
                    assert "—" not in text, (entry.type, text)
