"""Which cycle's statement told a dealer what its goods saved, as a part of larger queries."""

from __future__ import annotations

from typing import Final

_STATED: Final = """coalesce(
    (SELECT {cycle} FROM orders_quantityevent event
        WHERE event.line_id = {line}.id AND event.kind = 'pooled' AND event.source = 'cycle:' || {cycle} LIMIT 1),
    (SELECT substring(event.source FROM 9)::uuid FROM orders_quantityevent event
        WHERE event.line_id = {line}.id AND event.kind = 'pooled' AND event.source LIKE 'surplus:%%'
        ORDER BY event.id DESC LIMIT 1))"""


def cycle_of(line: str, *, bought_in: str) -> str:
    """Return the SQL of the cycle that stated goods of a `line`, null when none did; they were bought in a cycle (SQL).

    What a later cycle took of a surplus was stated there, and what another dealer gave up nowhere.
    """
    return _STATED.format(line=line, cycle=bought_in)
