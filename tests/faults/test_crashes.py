"""kill -9 under load: every acknowledged command is there once, none twice, and the read models are right."""

from collections.abc import Callable

import pytest

from tests.faults.ordeal import Ordeal

BETWEEN = 60
"""Answers between two crashes."""


@pytest.mark.parametrize("crash", [Ordeal.kill_driver, Ordeal.kill_database, Ordeal.kill_both])
def test_every_promise_is_kept_when_it_is_killed_under_load(crash: Callable[[Ordeal], None]) -> None:
    with Ordeal() as ordeal:
        for _ in range(2):
            ordeal.let_work(BETWEEN)
            crash(ordeal)
        ordeal.let_work(BETWEEN)
        assert ordeal.finish() > 3 * BETWEEN
