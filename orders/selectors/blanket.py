"""Blanket orders and what is left of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.db.bulk import fetch, fetch_dicts
from orders.models import BlanketOrder, BlanketRelease
from orders.policies.blanket import Standing

# A call-off counts with what of it is still wanted: cancelled base units and rejected purchase orders give theirs back.
CALLED_OFF: Final = """
    SELECT release.blanket_line_id, sum(CASE
        WHEN release.order_line_id IS NOT NULL
            THEN least(release.quantity, ordered.quantity - ordered.cancelled)
        WHEN purchase.status = 'REJECTED' THEN 0 ELSE release.quantity END) AS quantity
    FROM orders_blanketreleaseline release
    LEFT JOIN orders_orderline ordered ON ordered.id = release.order_line_id
    LEFT JOIN orders_purchaseorderline supply ON supply.id = release.purchase_order_line_id
    LEFT JOIN orders_purchaseorder purchase ON purchase.id = supply.purchase_order_id
"""

# Goods that were packed before their order was withdrawn are sent and counted all the same: those are let be.
BEYOND_BLANKET: Final = f"""
    SELECT parent.number, line.line_number, line.quantity AS agreed, called.quantity AS called_off
    FROM orders_blanketorderline line
    JOIN orders_blanketorder parent ON parent.id = line.blanket_order_id
    JOIN ({CALLED_OFF} WHERE NOT EXISTS (SELECT FROM orders_order withdrawn
            WHERE withdrawn.id = ordered.order_id AND withdrawn.status = 'CANCELLED')
        GROUP BY release.blanket_line_id) called ON called.blanket_line_id = line.id
    WHERE called.quantity * 10000 > line.quantity * (10000 + parent.tolerance_bp)
"""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A line of a blanket order with its standing."""

    line_id: int
    blanket_order_id: UUID
    product_id: int
    name: str
    supplier_id: int | None
    unit_price: Decimal
    standing: Standing


def visible(actor: Actor) -> QuerySet[BlanketOrder]:
    """Return a dealer's or a factory's own blanket orders, or all for the operator."""
    return BlanketOrder.objects.visible_to(actor).select_related("dealer", "factory", "ship_to_site")


def releases(actor: Actor) -> QuerySet[BlanketRelease]:
    """Return the releases an actor may see, with the orders they became and their lines."""
    return (
        BlanketRelease.objects.visible_to(actor)
        .select_related("order", "purchase_order")
        .prefetch_related("lines__blanket_line__product")
    )


def statement(blanket_ids: Iterable[UUID]) -> dict[UUID, list[Agreed]]:
    """Return the lines of blanket orders with what is called off and left of each, in line order; one query.

    The caller has found the blanket orders through `visible`, or holds them.
    """
    keys = list(blanket_ids)
    found: dict[UUID, list[Agreed]] = {key: [] for key in keys}
    for row in fetch_dicts(
        f"""
        SELECT line.*, parent.tolerance_bp, product.sku, product.name,
            coalesce(called.quantity, 0)::bigint AS released
        FROM orders_blanketorderline line
        JOIN orders_blanketorder parent ON parent.id = line.blanket_order_id
        JOIN catalog_product product ON product.id = line.product_id
        LEFT JOIN ({CALLED_OFF} WHERE release.blanket_line_id IN (
            SELECT id FROM orders_blanketorderline WHERE blanket_order_id = ANY(%(keys)s))
            GROUP BY release.blanket_line_id) called ON called.blanket_line_id = line.id
        WHERE line.blanket_order_id = ANY(%(keys)s) ORDER BY line.line_number
        """,
        {"keys": keys},
    ):
        standing = Standing(
            line_number=row["line_number"],
            sku=row["sku"],
            agreed=row["quantity"],
            released=row["released"],
            tolerance_bp=row["tolerance_bp"],
        )
        found[row["blanket_order_id"]].append(
            Agreed(
                line_id=row["id"],
                blanket_order_id=row["blanket_order_id"],
                product_id=row["product_id"],
                name=row["name"],
                supplier_id=row["supplier_id"],
                unit_price=row["unit_price"],
                standing=standing,
            )
        )
    return found


def in_force(
    pairs: Collection[tuple[int, int]], *, currency: str, day: date
) -> dict[tuple[int, int], list[Agreed]]:
    """Return by (factory, product) the lines from which the platform may buy on a day, cheapest first; two queries."""
    factories = dict(
        fetch(
            """
            SELECT DISTINCT parent.id, parent.factory_id FROM orders_blanketorder parent
            JOIN orders_blanketorderline line ON line.blanket_order_id = parent.id
            WHERE parent.factory_id = ANY(%(factories)s) AND parent.currency = %(currency)s
                AND parent.status = 'AGREED' AND %(day)s BETWEEN parent.valid_from AND parent.valid_to
                AND line.product_id = ANY(%(products)s)
            """,
            {
                "factories": list({factory_id for factory_id, _ in pairs}),
                "products": list({product_id for _, product_id in pairs}),
                "currency": currency,
                "day": day,
            },
        )
    )
    if not factories:
        return {}
    lines: dict[tuple[int, int], list[Agreed]] = {}
    left = (line for found in statement(factories).values() for line in found if line.standing.left)
    for one in sorted(left, key=lambda line: (line.unit_price, line.line_id)):
        pair = (factories[one.blanket_order_id], one.product_id)
        if pair in pairs:
            lines.setdefault(pair, []).append(one)
    return lines
