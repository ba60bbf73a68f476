"""A relay in a process of its own: told where by one JSON line, until nobody holds its input open, or it fails.

A process, because nothing of a relay that failed may go on: a producer's thread still sends what it holds.
"""

import os
import signal
import sys
from collections.abc import Callable
from threading import Thread
from time import monotonic
from typing import Any

import msgspec

from infra.kafka.cursor import TopicChanged
from infra.kafka.relay import Relay
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import TopicUnfit
from infra.read_store.leading import LEAD_SECONDS
from infra.read_store.parking import described

PROGRAM = (sys.executable, "-m", "infra.kafka.relaying")
SAY_EVERY = 1.0
REFUSED = 2
FAILED = 1


class Order(msgspec.Struct):
    """What to relay, and where to."""

    dsn: str
    settings: KafkaSettings
    again: bool = False
    batch: int = 1_000
    delivered_within: float = 30.0
    lead_seconds: float = LEAD_SECONDS


class Word(msgspec.Struct):
    """What it says: how far the topic is, or why it ends, without an error's words, which may be personal."""

    position: int = 0
    refused: str = ""
    failed: str = ""


def relay(order: Order, say: Callable[[Word], None]) -> int:
    """Relay for ever; how it ended, for the exit status."""
    try:
        with Relay(
            order.dsn,
            order.settings,
            again=order.again,
            batch=order.batch,
            delivered_within=order.delivered_within,
            lead_seconds=order.lead_seconds,
        ) as running:
            said = -SAY_EVERY
            while True:
                if monotonic() - said >= SAY_EVERY:
                    said = monotonic()
                    say(Word(running.cursor.position))
                if running.step() == 0:
                    running.wait()
    except (TopicChanged, TopicUnfit) as refusal:
        say(Word(refused=str(refusal)))
        return REFUSED
    except Exception as error:  # noqa: BLE001  # whatever it is, this relay is done with
        say(Word(failed=described(error)))
        return FAILED


def main() -> None:
    """Relay in a thread, and end at once with whoever started us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us is interrupted too, and ends us
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)

    def run() -> None:
        os._exit(relay(order, _say))

    Thread(target=run, daemon=True).start()
    sys.stdin.buffer.read()
    os._exit(0)


def _say(word: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
