"""A broker for development, until interrupted: `python -m tests.broker`. Its data stay in .ashiato/kafka."""

import signal
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event

from tests.broker.broker import Broker, BrokerFailed
from tests.broker.jars import NoBroker

FOLDER = Path(".ashiato/kafka")
PORT = 9092


def main() -> None:
    """Start it, say where it is, and wait."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with suppress(KeyboardInterrupt), Broker(FOLDER.resolve(), heap="512m", port=PORT) as broker:
            print(f"Kafka listens on {broker.servers}; in another terminal:")  # noqa: T201  # a script for people
            print(f"  ASHIATO_KAFKA_SERVERS={broker.servers} .venv/bin/ashiato relay", flush=True)  # noqa: T201  # the same
            Event().wait()
    except (NoBroker, BrokerFailed) as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
