"""A trace as a picture: factories, receipts, lots, orders and dealers from left to right, as wide as the goods."""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from warehousing.selectors.trace import Trace

_WIDTH: Final = 176
_STEP: Final = 236
_HEIGHT: Final = 40
_ROW: Final = 54
_MOST: Final = 40  # boxes in a column; a recall of more is read from the tables

Node = tuple[int, str]
Edge = tuple[Node, Node, int]


def layers(trace: Trace) -> tuple[dict[Node, str], list[Edge]]:
    """Return boxes, (column, key) -> second line, and edges between them with base units."""
    boxes: dict[Node, str] = {}
    flows: dict[tuple[Node, Node], int] = {}
    lots = {one.lot_id: f"{one.sku} {one.lot_number}" for one in trace.lots}

    def flow(source: Node, target: Node, quantity: int) -> None:
        flows[source, target] = flows.get((source, target), 0) + quantity

    for one in trace.lots:
        boxes[2, lots[one.lot_id]] = one.status.capitalize()
    for origin in trace.origins:
        factory, receipt = (0, origin.factory), (1, origin.receipt)
        boxes[factory], boxes[receipt] = _("Factory"), origin.purchase_order
        flow(factory, receipt, origin.quantity)
        flow(receipt, (2, lots[origin.lot_id]), origin.quantity)
    for place in trace.on_hand:
        node = (3, f"{place.warehouse} {place.location}")
        boxes[node] = _("on hand")
        flow((2, lots[place.lot_id]), node, place.on_hand)
    stages = {"STAGED": _("staged"), "UNDER_WAY": _("under way"), "DELIVERED": _("delivered")}
    for parcel in trace.parcels:
        if parcel.stage == "STAGED":
            continue
        order, dealer = (3, parcel.order or parcel.sscc), (4, parcel.dealer)
        boxes[order], boxes[dealer] = stages[parcel.stage], _("Dealer")
        flow((2, lots[parcel.lot_id]), order, parcel.quantity)
        flow(order, dealer, parcel.quantity)
    return boxes, [(source, target, quantity) for (source, target), quantity in flows.items()]


def picture(trace: Trace) -> SafeString:
    """Draw it as SVG; the same is told by the tables below, for those who do not see it."""
    boxes, edges = layers(trace)
    places: dict[Node, tuple[int, int]] = {}
    for column in range(5):
        for row, node in enumerate([node for node in boxes if node[0] == column][:_MOST]):
            places[node] = (column * _STEP, row * _ROW + 4)
    height = max((y for _x, y in places.values()), default=0) + _HEIGHT + 6
    most = max((quantity for *_ends, quantity in edges), default=1)
    lines = [edge for edge in edges if edge[0] in places and edge[1] in places]
    return format_html(
        '<svg role="img" aria-label="{}" viewBox="0 0 {} {}" width="100%" style="max-width:{}px;color:inherit">'
        "{}{}</svg>",
        _("Where the goods came from and where they went"),
        4 * _STEP + _WIDTH + 8,
        height,
        4 * _STEP + _WIDTH + 8,
        format_html_join("", "{}", ((_edge(places, *edge, most),) for edge in lines)),
        format_html_join("", "{}", ((_box(*places[node], node[1], boxes[node]),) for node in places)),
    )


def _edge(
    places: dict[Node, tuple[int, int]], source: Node, target: Node, quantity: int, most: int
) -> SafeString:
    x1, y1 = places[source][0] + _WIDTH, places[source][1] + _HEIGHT // 2
    x2, y2 = places[target][0], places[target][1] + _HEIGHT // 2
    middle = (x1 + x2) // 2
    return format_html(
        '<path d="M{} {} C{} {} {} {} {} {}" fill="none" stroke="currentColor" stroke-opacity=".3" stroke-width="{}">'
        '<title>{}</title></path><text x="{}" y="{}" font-size="11" text-anchor="middle" fill="currentColor">{}</text>',
        x1, y1, middle, y1, middle, y2, x2, y2, max(1, round(10 * quantity / most)),
        f"{source[1]} → {target[1]}: {quantity}", middle, (y1 + y2) // 2 - 6, quantity,
    )  # fmt: skip


def _box(x: int, y: int, title: str, detail: str) -> SafeString:
    return format_html(
        '<g><rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="none" stroke="currentColor" stroke-opacity=".5"/>'
        '<text x="{}" y="{}" font-size="12" font-weight="600" fill="currentColor">{}</text>'
        '<text x="{}" y="{}" font-size="11" fill="currentColor" fill-opacity=".7">{}</text></g>',
        x, y, _WIDTH, _HEIGHT, x + 8, y + 17, _short(title), x + 8, y + 32, _short(detail),
    )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 25 else f"{text[:24]}…"
