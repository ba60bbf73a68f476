"""The events as Parquet, for analysts: one row an event, instants in UTC, texts compressed."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from services.exports.flat import COLUMNS, Flat

INSTANT = pa.timestamp("us", tz="UTC")
TYPES = {"seq": pa.int64(), "version": pa.int32(), "recorded_at": INSTANT, "occurred_at": INSTANT}
SCHEMA = pa.schema([(name, TYPES.get(name, pa.string())) for name in COLUMNS])
FEW = ["type", "stream_kind", "step"]
"""Columns of few values."""
A_GROUP = 4_000
"""Rows in memory before they are written."""


class Columns:
    """Writes records to a file; `close` it, or it is none."""

    def __init__(self, path: Path) -> None:
        # Memory that is given back: the library's own pools keep what they once had.
        pa.set_memory_pool(pa.system_memory_pool())
        pa.set_cpu_count(1)
        self._file = pq.ParquetWriter(path, SCHEMA, compression="zstd", use_dictionary=FEW)
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0

    def __call__(self, records: Sequence[Flat]) -> None:
        """Add some records."""
        columns = map(pa.array, zip(*records, strict=True), SCHEMA.types)
        self._batches.append(pa.record_batch(list(columns), schema=SCHEMA))
        self._rows += len(records)
        if self._rows >= A_GROUP:
            self._write()

    def close(self) -> None:
        """Write what is left, and the file's end."""
        self._write()
        self._file.close()

    def _write(self) -> None:
        if self._batches:
            self._file.write_table(pa.Table.from_batches(self._batches, SCHEMA), row_group_size=2 * A_GROUP)
        self._batches, self._rows = [], 0
