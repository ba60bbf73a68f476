"""The eventsourcing library's conformance tests, on our recorder and PostgreSQL."""

from collections.abc import Iterator
from typing import ClassVar

import pytest

from infra.event_store.application import environment
from infra.event_store.recorder import LogFactory, LogRecorder
from infra.ids import uuid7
from tests.infra.event_store.conformance import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase


class OnTheLog:
    """A recorder of a new tenant for each test case: others' events are there, and must not show."""

    factories: ClassVar[list[LogFactory]] = []
    dsn: ClassVar[str]

    @pytest.fixture(autouse=True)
    def _database(self, module_database: str) -> Iterator[None]:
        type(self).dsn = module_database
        yield
        while self.factories:
            self.factories.pop().close()

    def create_recorder(self) -> LogRecorder:
        factory = LogFactory(environment(self.dsn, uuid7()))
        self.factories.append(factory)
        recorder = factory.application_recorder()
        assert isinstance(recorder, LogRecorder)
        return recorder


class TestApplicationRecorder(OnTheLog, ApplicationRecorderTestCase[LogRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleaving(OnTheLog, NonInterleavingNotificationIDsBaseCase):
    pass
