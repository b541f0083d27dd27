"""Who may read what circulation costs and saves.

Dealers and operators read the value view, each dealer its own rows alone: what it holds of whom is tried in
tests/tower/test_value_secrets.py. Factories read their own supply and nothing of any dealer.
"""

from __future__ import annotations

from collections.abc import Mapping

from b2b.core.actor import FACTORY, OPERATOR
from tests.house.tenancy_line import Case, Line, World

SPAN = "?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z"
_BOTH = frozenset({"owner", "rival", OPERATOR})


def _value(world: World) -> Case:
    return Case(query=SPAN)


def _cut(world: World) -> Case:
    return Case({"grouping": "product"}, query=SPAN)


def _documents(world: World) -> Case:
    return Case(query=f"{SPAN}&figure=saving")


LINES: Mapping[str, Line] = {
    "value/": Line(_value, sees=_BOTH),
    "value/by/<slug:grouping>/": Line(_cut, sees=_BOTH),
    "value/documents/": Line(_documents, sees=_BOTH),
    "value/supply/<slug:grouping>/": Line(_cut, owner=FACTORY, sees=_BOTH),
}
