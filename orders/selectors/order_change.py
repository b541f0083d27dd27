"""The lines an order change is about, and what the new ones are judged by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.db.bulk import fetch_dicts
from b2b.directory.models import Organization
from b2b.directory.selectors import site
from orders.models import Order
from orders.policies.order_change import Held, LineEdit
from orders.policies.order_facts import Facts, ProductFacts
from orders.policies.order_row import RawRow
from orders.selectors import row_facts

_GLANCE: Final = """
    SELECT line.line_number, line.product_id, product.sku, product.name, product.base_unit, product.tax_rate,
        product.category, line.factory_id, site.code AS site_code, line.ship_to_site_id,
        line.requested - line.cancelled AS owed,
        line.pooled + line.covered + line.shipped > 0 AS is_bound, coalesce(bought.keys, '{}') AS purchase_orders
    FROM orders_orderline line
    JOIN catalog_product product ON product.id = line.product_id
    JOIN directory_site site ON site.id = line.ship_to_site_id
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT purchase.purchase_order_id) AS keys FROM orders_peg peg
        JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
        WHERE peg.order_line_id = line.id) bought ON line.pooled > 0
    WHERE line.order_id = %s AND line.line_number = ANY(%s)
"""
_HELD: Final = """
    SELECT line.id AS line_id, line.line_number, line.product_id, product.sku, product.base_unit, product.category,
        line.tax_rate, line.factory_id, line.cycle_id, line.quantity, line.entered_unit, line.pack_units,
        line.unit_price, line.net_amount, line.tax_amount, line.requested, line.cancelled, line.covered, line.pooled,
        line.received, line.shipped, line.ship_to_site_id, site.code AS site_code, line.need_by_date,
        line.pooled + line.covered + line.shipped > 0 AS is_bound,
        coalesce(cycle.status IN ('DRAFT', 'OPEN', 'BOXFILL') AND cycle.cutoff_at <= midstream_now(), false)
            AS is_closing,
        coalesce((SELECT sum(request.quantity) FROM orders_cancellationrequest request
            WHERE request.order_line_id = line.id AND request.status = 'REQUESTED'), 0)::bigint AS pending
    FROM orders_orderline line
    JOIN catalog_product product ON product.id = line.product_id
    JOIN directory_site site ON site.id = line.ship_to_site_id
    LEFT JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id
    WHERE line.order_id = %s AND (line.line_number = ANY(%s) OR line.product_id = ANY(%s))
    ORDER BY line.id FOR NO KEY UPDATE OF line
"""


@dataclass(frozen=True, slots=True)
class Glance:
    """A line as it looked before anything was locked."""

    line_number: int
    product: ProductFacts
    factory_id: int | None
    site_code: str
    ship_to_site_id: int
    owed: int
    is_bound: bool
    purchase_orders: tuple[UUID, ...]


def glance(order: Order, numbers: Collection[int]) -> dict[int, Glance]:
    """Return lines by number with the purchase orders that serve them; one statement, nothing is locked."""
    return {row["line_number"]: _glance(row) for row in fetch_dicts(_GLANCE, [order.pk, list(numbers)])}


def _glance(row: dict[str, Any]) -> Glance:
    return Glance(
        line_number=row["line_number"],
        product=ProductFacts(
            product_id=row["product_id"],
            sku=row["sku"],
            name=row["name"],
            base_unit=row["base_unit"],
            tax_rate=row["tax_rate"],
            units={row["base_unit"]: 1},
            category=row["category"],
        ),
        factory_id=row["factory_id"],
        site_code=row["site_code"],
        ship_to_site_id=row["ship_to_site_id"],
        owed=row["owed"],
        is_bound=row["is_bound"],
        purchase_orders=tuple(row["purchase_orders"]),
    )


def hold(order: Order, numbers: Collection[int], products: Collection[int]) -> dict[int, Held]:
    """Lock the lines of these numbers, and all of these products, and return them by number; one statement.

    The caller holds the order, and may see the cycles the lines joined.
    """
    rows = fetch_dicts(_HELD, [order.pk, list(numbers), list(products)])
    return {row["line_number"]: Held(**row) for row in rows}


def facts(
    by: Actor,
    glances: Mapping[int, Glance],
    edits: Sequence[LineEdit],
    additions: Sequence[RawRow],
    *,
    dealer: Organization,
    order: Order,
    at: datetime,
) -> Facts:
    """Return what the changed lines are judged by: one query for known lines, five more when lines are added.

    The minimum an order comes to is not asked of a change: it would forbid to give a part of it up.
    """
    if additions:
        rows = [RawRow(0, {"sku": one.product.sku}) for one in glances.values()]
        found = row_facts.of_rows(
            by, [*rows, *additions], dealer=dealer, ship_to_site_id=order.ship_to_site_id,
            currency=order.currency, at=at,
        )  # fmt: skip
        return replace(found, sites={**_sites(glances), **found.sites})
    trade = row_facts.trade_facts(
        [one.product.product_id for one in glances.values()],
        buyer_id=dealer.pk,
        currency=order.currency,
        at=at,
        with_stock=False,
    )
    named = {edit.ship_to for edit in edits if edit.ship_to}
    own = site.own(by).filter(organization=dealer, code__in=named).values_list("code", "pk") if named else ()
    return Facts(
        by_sku={one.product.sku: one.product for one in glances.values()},
        by_gtin={},
        trade=trade,
        sites={**_sites(glances), **dict(own)},
        ship_to_site_id=order.ship_to_site_id,
        currency=order.currency,
        today=at.date(),
    )


def _sites(glances: Mapping[int, Glance]) -> dict[str, int]:
    return {one.site_code: one.ship_to_site_id for one in glances.values()}
