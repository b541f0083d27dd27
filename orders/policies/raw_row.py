"""A row of an order as somebody entered it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

FIELDS: Final = (
    "sku",
    "gtin",
    "buyers_code",
    "quantity",
    "unit",
    "ship_to",
    "need_by_date",
    "max_unit_price",
    "flex_up",
    "flex_down",
    "options",
    "all_or_nothing",
    "currency",
)


class RawRow(NamedTuple):
    """A row as entered: its number, and texts under the names in FIELDS."""

    number: int
    values: Mapping[str, str]

    def get(self, name: str) -> str:
        """Return the trimmed text of a field, empty when it is missing."""
        return (self.values.get(name) or "").strip()
