"""Projectors that follow Kafka share the topic's partitions: each leads its part of them, under advisory locks.

PostgreSQL gives a process's locks up the moment it is gone, so the others take its partitions within a second.
"""

from typing import Any

from psycopg import Connection

TAKE_PART = "SELECT pg_advisory_lock_shared(hashtext('ashiato.kafka'))"
PARTICIPANTS = """
    SELECT count(DISTINCT pid) FROM pg_locks
    WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND objid::bigint = (hashtext('ashiato.kafka')::bigint & 4294967295)
"""
LOCK = "SELECT pg_try_advisory_lock(hashtext('ashiato.kafka.partition'), %s)"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('ashiato.kafka.partition'), %s)"


class Share:
    """The partitions that one process leads, as long as the connection lasts."""

    def __init__(self, locks: Connection[Any], partitions: int) -> None:
        self._locks = locks
        self._partitions = partitions
        self.led: frozenset[int] = frozenset()
        locks.execute(TAKE_PART)

    def too_many(self) -> bool:
        """Whether others came that have less than their part."""
        return len(self.led) > self._fair()

    def let_go(self) -> None:
        """Leave what is beyond our part to others: it must be stored by now, and not be written any more."""
        for partition in sorted(self.led)[self._fair() :]:
            self._locks.execute(UNLOCK, (partition,))
            self.led -= {partition}

    def take(self) -> bool:
        """Take what nobody leads, up to our part; whether there was any."""
        free = sorted(set(range(self._partitions)) - self.led)
        taken: set[int] = set()
        for partition in free:
            if len(self.led) + len(taken) < self._fair() and self._is_locked(partition):
                taken.add(partition)
        self.led |= taken
        return bool(taken)

    def _fair(self) -> int:
        row = self._locks.execute(PARTICIPANTS).fetchone()
        return -(-self._partitions // max(1, int(row[0]) if row else 1))

    def _is_locked(self, partition: int) -> bool:
        row = self._locks.execute(LOCK, (partition,)).fetchone()
        return bool(row and row[0])
