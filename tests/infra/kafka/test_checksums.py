"""Checksums of records are computed in C; kafka-python would compute them in Python without a word."""

import crc32c
from kafka.record import util


def test_kafka_python_uses_the_library_in_c() -> None:
    assert util.crc32c_c is crc32c.crc32c
    assert (
        util.calc_crc32c(b"123456789") == 0xE3069283
    )  # the check value of CRC-32C
