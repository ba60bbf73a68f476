"""What PostgreSQL does to answer a question: its plan, and how many rows it looked at in which table."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from psycopg import Connection

from infra.read_store.asking import PLANNING, question_sql
from infra.read_store.tables import schemas
from infra.tenancy import entering
from projections.catalogue import PROJECTIONS
from queries.asking import AsOf, Question

R = TypeVar("R")


class Explaining:
    """Answers questions of now with nothing, and keeps the plans that they were given.

    Statements are planned as they are in use. Joins that read the whole of one side are as good as forbidden too: on a
    small database the planner takes them for good reasons that pass as the database grows.
    """

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self.plans: list[dict[str, Any]] = []
        connection.execute("SET ROLE ashiato_reader")
        connection.execute(f"SET search_path TO {schemas(PROJECTIONS)}")
        for setting in PLANNING:
            connection.execute(f"SET {setting}")
        connection.execute("SET enable_hashjoin = off")
        connection.execute("SET enable_mergejoin = off")

    async def __call__(
        self,
        question: Question[R],
        tenant: str,
        parameters: Mapping[str, Any],
        *,
        as_of: AsOf | None = None,
        stream: str | None = None,
    ) -> list[R]:
        """No rows."""
        assert as_of is None
        assert stream is None
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {question_sql(question)}"
        row = self._connection.execute(explain, {**parameters, **entering(tenant)}).fetchone()
        assert row
        self.plans.append((row[0] if isinstance(row[0], list) else json.loads(row[0]))[0]["Plan"])
        return []

    @property
    def sequential(self) -> set[str]:
        """The tables that were read from one end to the other."""
        return {node["Relation Name"] for node in self._nodes() if node["Node Type"] == "Seq Scan"}

    @property
    def looked_at(self) -> Counter[str]:
        """How many rows were looked at, by table, those that a filter left out among them."""
        counted: Counter[str] = Counter()
        for node in self._nodes():
            if "Relation Name" in node:
                rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
                counted[node["Relation Name"]] += round(rows * node["Actual Loops"])
        return counted

    def _nodes(self) -> Iterator[dict[str, Any]]:
        left = list(self.plans)
        while left:
            node = left.pop()
            left += node.get("Plans", [])
            yield node
