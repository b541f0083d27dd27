"""What a packing list says: a sheet of A4 for people, as many as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from b2b.core.paper import symbols
from b2b.core.paper.sheet import Bars, Item, Rule, Text
from warehousing.policies.label import Content, Label

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
LINES_A_PAGE: Final = 32
TOP_MM: Final = 78.0
STEP_MM: Final = 6.0
COLUMNS: Final = (
    ("#", 15.0, 8.0),
    ("SKU", 25.0, 33.0),
    ("Goods", 60.0, 52.0),
    ("Lot", 114.0, 32.0),
    ("Expiry", 148.0, 20.0),
)
QUANTITY_MM: Final = 195.0


def pages(label: Label) -> list[list[Item]]:
    """Lay out the list of one unit. Promise: every content is on exactly one page."""
    starts = range(0, max(len(label.contents), 1), LINES_A_PAGE)
    parts = [label.contents[start : start + LINES_A_PAGE] for start in starts]
    return [
        [*_head(label, number, len(parts)), *_lines(part, (number - 1) * LINES_A_PAGE)]
        for number, part in enumerate(parts, start=1)
    ]


def _head(label: Label, number: int, total: int) -> Iterator[Item]:
    symbol = symbols.gs1_128({"00": label.sscc})
    yield Text(15, 20, "Packing list", 6, bold=True)
    yield Text(195, 20, f"{number} / {total}", 3.5, align="right")
    yield Bars(115, 24, 0.5, 14, symbol, f"00{label.sscc}")
    yield Text(115, 42, f"(00){label.sscc}", 3.2)
    for left, title, party in ((15.0, "From", label.sender), (115.0, "Ship to", label.receiver)):
        top = 30 if left == 15 else 48
        yield Text(left, top, title, 2.8)
        yield Text(left, top + 6, party.name, 4, 90, bold=True)
        yield Text(left, top + 12, party.address, 3.2, 90)
    orders = sorted({content.order for content in label.contents if content.order})
    yield Text(15, 54, f"Orders: {', '.join(orders)}" if orders else "", 3.2, 95)
    if label.gross_weight_g:
        yield Text(15, 60, f"Gross weight: {label.gross_weight_g / 1000:.1f} kg", 3.2, 95)
    for place, hint in enumerate(label.hints[:2]):
        yield Text(15, 66 + 5 * place, hint, 3.2, 95, bold=True)
    for title, left, _ in COLUMNS:
        yield Text(left, TOP_MM, title, 3, bold=True)
    yield Text(QUANTITY_MM, TOP_MM, "Quantity", 3, bold=True, align="right")
    yield Rule(15, TOP_MM + 2, 195, TOP_MM + 2)


def _lines(contents: Sequence[Content], before: int) -> Iterator[Item]:
    for place, content in enumerate(contents, start=1):
        y = TOP_MM + 1 + place * STEP_MM
        values = (
            str(before + place),
            content.sku,
            content.name,
            content.lot,
            f"{content.expiry:%Y-%m-%d}" if content.expiry else "",
        )
        for (_, left, room), value in zip(COLUMNS, values, strict=True):
            if value:
                yield Text(left, y, value, 3, room)
        yield Text(QUANTITY_MM, y, f"{content.quantity:,}", 3, 25, align="right")
