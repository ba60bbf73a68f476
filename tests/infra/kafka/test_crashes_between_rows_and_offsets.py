"""A projector that is killed between what it applied and the offsets that say so has applied nothing twice or never."""

import signal
import sys
from subprocess import run

import msgspec
import pytest

from infra.kafka.settings import KafkaSettings
from infra.kafka.source import FromTopic
from infra.read_store.live import Live
from infra.read_store.verify import verify
from tests.infra.kafka.by_hand import relay_all
from tests.infra.kafka.crashing import MODELS
from tests.infra.kafka.following import follow_all
from tests.infra.kafka.logs import some_log

PATIENCE = 60.0


def dies(dsn: str, kafka: KafkaSettings, place: str, batches: int) -> None:
    argv = [sys.executable, "-m", "tests.infra.kafka.crashing", dsn, msgspec.json.encode(kafka).decode(), place]
    assert run([*argv, str(batches)], timeout=PATIENCE, check=False).returncode == -signal.SIGKILL


def differs(dsn: str, kafka: KafkaSettings, last: int) -> bool:
    """Whether the next projector, come to the end, has other rows than the log says, or could not fold an event."""
    with Live(dsn, MODELS, delivery=FromTopic(kafka)) as live:
        follow_all(live, last)
        parked = live.news
    return bool(parked) or verify(dsn, MODELS, workers=1) != []


@pytest.mark.parametrize("place", ["applied", "committed"])
async def test_nothing_is_applied_twice_and_nothing_is_missed(
    database: str, kafka: KafkaSettings, place: str
) -> None:
    _, last = await some_log(database)
    relay_all(database, kafka)
    for batches in (1, 4):
        dies(database, kafka, place, batches)
    assert not differs(database, kafka, last)


async def test_it_would_be_if_rows_were_committed_without_their_offsets(database: str, kafka: KafkaSettings) -> None:
    _, last = await some_log(database)
    relay_all(database, kafka)
    dies(database, kafka, "apart", 8)
    assert differs(database, kafka, last)
