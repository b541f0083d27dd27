"""Identifiers that sort by time and leak no volume: UUID version 7 (RFC 9562, section 5.7)."""

from __future__ import annotations

import os
import time
from uuid import UUID

_last = 0


def uuid7() -> UUID:
    """Return a new UUIDv7; within one process later ids sort after earlier ones."""
    global _last  # the monotonic counter RFC 9562 section 6.2 asks for; a lost race only costs order
    ticks = time.time_ns() // 244  # 4,096 steps a millisecond: twelve more bits of time fill rand_a
    ticks = max(ticks, _last + 1)
    _last = ticks
    millis, fraction = divmod(ticks * 244, 1_000_000)
    sub = fraction * 4096 // 1_000_000
    rand = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(millis & ((1 << 48) - 1)) << 80 | 0x7 << 76 | sub << 64 | 0b10 << 62 | rand)
