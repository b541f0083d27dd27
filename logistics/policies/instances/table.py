"""The sections of an instance as columns by node and by vehicle, every count and reference checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from logistics.policies.instances.text import BadInstance, Row, Text

Numbers = tuple[Decimal, ...]
WIDTHS = {
    "NODE_COORD": 2,
    "TIME_WINDOW": 2,
    "PICKUP_AND_DELIVERY": 6,
    "SERVICE_TIME": 1,
    "RELEASE_TIME": 1,
    "PRIZE": 1,
}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of an instance; nodes and vehicles count from 0, whatever the file calls them."""

    text: Text
    size: int
    base: int
    depots: tuple[int, ...]

    @classmethod
    def of(cls, text: Text) -> Table:
        """Check the nodes of an instance and find its depots.

        :raises BadInstance: when counts, numbers or references do not fit together.
        """
        size = text.whole("DIMENSION")
        if size is None:
            raise BadInstance(0, "DIMENSION is missing: the number of nodes, depots included")
        base = _base(text, size)
        listed = [value for row in text.sections.get("DEPOT", []) for value in row.values if value != -1]
        if len(listed) == 2 and size > 2 and not all(_is_node(value, base, size) for value in listed):
            raise BadInstance(
                text.sections["DEPOT"][0].line,
                "a depot given by its coordinates is not supported: list its node",
            )
        line = text.sections["DEPOT"][0].line if listed else 0
        depots = tuple(_node(value, base, size, line) for value in listed) or (0,)
        if len(set(depots)) < len(depots):
            raise BadInstance(line, "a depot is listed twice")
        return cls(text, size, base, depots)

    def by_node(self, name: str) -> list[Numbers] | None:
        """Return what a section says of each node in order, None when the file has no such section.

        :raises BadInstance: for a node missing, out of order, or with too few numbers.
        """
        rows = self.text.sections.get(name)
        if rows is None:
            return None
        if len(rows) != self.size:
            raise BadInstance(
                rows[-1].line if rows else 0, f"{name}_SECTION has {len(rows)} of {self.size} nodes"
            )
        _numbered(name, rows, self.base, node=True)
        return _columns(name, rows)

    def by_vehicle(self, name: str, count: int, default: Decimal | None) -> list[Numbers] | None:
        """Return what a section, or one specification, says of each vehicle; None when nothing does.

        :raises BadInstance: for a vehicle missing or out of order.
        """
        rows = self.text.sections.get(name)
        if rows is not None and name in self.text.specs:
            raise BadInstance(self.text.specs[name][0], f"{name} is both a specification and a section")
        if rows is None:
            told = self.text.number(name)
            told = default if told is None else told
            return None if told is None else [(told,)] * count
        if len(rows) != count:
            raise BadInstance(
                rows[-1].line if rows else 0, f"{name}_SECTION has {len(rows)} of {count} vehicles"
            )
        _numbered(name, rows, 1, node=False)
        return _columns(name, rows, ragged=name == "VEHICLES_ALLOWED_CLIENTS")

    def node(self, reference: Decimal, line: int = 0) -> int:
        """Return the node a file refers to.

        :raises BadInstance: when there is no such node.
        """
        return _node(reference, self.base, self.size, line)


def _base(text: Text, size: int) -> int:
    """Return what the file calls its first node where it refers to it: 0 when it counts from 0 and says so, else 1."""
    rows = text.sections.get("NODE_COORD") or text.sections.get("DEMAND") or []
    labels = [row.values[0] for row in rows]
    from_zero = labels == list(range(size))
    named = [value for row in text.sections.get("DEPOT", []) for value in row.values]
    return 0 if from_zero and 0 in named else 1


def _numbered(name: str, rows: Sequence[Row], base: int, *, node: bool) -> None:
    """Check the first numbers of a section's rows.

    Conversions of other formats number nodes from 0, or call the depot 0 and count the others from 2.
    """
    labels = [row.values[0] if row.values else None for row in rows]
    count = len(rows)
    usual = list(range(1, count + 1))
    allowed = [usual, list(range(count)), [0, *usual[1:]]] if node else [usual]
    if labels in allowed:
        return
    index = next(index for index, label in enumerate(labels) if label != usual[index])
    kind = "node" if node else "vehicle"
    raise BadInstance(
        rows[index].line, f"{name}_SECTION: {kind} {labels[index]} where {index + base} should stand"
    )


def _columns(name: str, rows: Sequence[Row], *, ragged: bool = False) -> list[Numbers]:
    wanted = WIDTHS.get(name) or (len(rows[0].values) - 1 if rows else 1)
    for row in rows:
        if not ragged and len(row.values) - 1 != max(1, wanted):
            raise BadInstance(
                row.line, f"{name}_SECTION: {len(row.values) - 1} numbers where {wanted} should stand"
            )
    return [row.values[1:] for row in rows]


def _is_node(value: Decimal, base: int, size: int) -> bool:
    return value == int(value) and base <= value < base + size


def _node(value: Decimal, base: int, size: int, line: int) -> int:
    if not _is_node(value, base, size):
        raise BadInstance(line, f"there is no node {value}: they go from {base} to {base + size - 1}")
    return int(value) - base
