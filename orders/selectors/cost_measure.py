"""SQL that measures the goods which dealers really received, and splits cost vouchers over them."""

from __future__ import annotations

from typing import Final

from b2b.core.money import EXPONENTS
from b2b.db.bulk import unnest
from orders.selectors import stated

SITES: Final = {"site_id": "bigint", "warehouse_id": "bigint", "distance_m": "bigint"}

_MINOR_UNITS: Final = (
    "CASE voucher.currency "
    + " ".join(f"WHEN '{currency}' THEN {10**digits}" for currency, digits in sorted(EXPONENTS.items()))
    + " ELSE 100 END"
)
# A price has six decimals: times a million its value is whole.
_WEIGHT: Final = """
    CASE voucher.basis WHEN 'QUANTITY' THEN goods.received
        WHEN 'WEIGHT' THEN goods.received * product.weight_g
        WHEN 'VOLUME' THEN goods.received * product.volume_cm3
        WHEN 'VALUE' THEN goods.received * trunc({price} * 1000000)
        ELSE goods.received * {distance} END
"""
# Goods of purchase orders by the pegs they came through; goods of a shipment by their order lines, for they come by
# one vehicle to one place.
_MEASURED: Final = f"""
    SELECT voucher.id AS voucher_id, voucher.number, voucher.kind, voucher.basis, voucher.currency,
        voucher.amount * {_MINOR_UNITS} AS minor, {_MINOR_UNITS} AS units, peg.id AS peg_id, peg.order_line_id,
        peg.dealer_id, supply.product_id,
        CASE WHEN wanted.id IS NULL OR wanted.cycle_id = purchase.cycle_id THEN purchase.cycle_id
            ELSE {stated.cycle_of("wanted", bought_in="purchase.cycle_id")} END AS cycle_id,
        {_WEIGHT.format(price="supply.unit_price", distance="coalesce(far.distance_m, 0)")} AS weight
    FROM orders_costvoucher voucher
    JOIN orders_purchaseorder purchase
        ON purchase.id = voucher.purchase_order_id OR purchase.cycle_id = voucher.cycle_id
    JOIN orders_purchaseorderline supply ON supply.purchase_order_id = purchase.id
    JOIN orders_peg peg ON peg.purchase_order_line_id = supply.id AND peg.received > 0
    JOIN catalog_product product ON product.id = supply.product_id
    LEFT JOIN orders_orderline wanted ON wanted.id = peg.order_line_id
    LEFT JOIN {unnest(SITES, "far")}
        ON far.site_id = wanted.ship_to_site_id AND far.warehouse_id = purchase.warehouse_site_id
    CROSS JOIN LATERAL (SELECT peg.received::numeric AS received) goods
    WHERE voucher.id = ANY(%(vouchers)s) AND voucher.shipment_id IS NULL
    UNION ALL
    SELECT voucher.id, voucher.number, voucher.kind, voucher.basis, voucher.currency,
        voucher.amount * {_MINOR_UNITS}, {_MINOR_UNITS}, NULL, wanted.id, wanted.dealer_id, wanted.product_id,
        CASE WHEN wanted.pooled > 0 THEN wanted.cycle_id END,
        {_WEIGHT.format(price="wanted.unit_price", distance="1")}
    FROM orders_costvoucher voucher
    JOIN orders_quantityevent event ON event.kind = 'delivered' AND event.source = 'shipment:' || voucher.shipment_id
    JOIN orders_orderline wanted ON wanted.id = event.line_id
    JOIN catalog_product product ON product.id = wanted.product_id
    CROSS JOIN LATERAL (SELECT event.quantity::numeric AS received) goods
    WHERE voucher.id = ANY(%(vouchers)s) AND voucher.shipment_id IS NOT NULL
"""
# Largest remainder (Hamilton) in minor units per voucher: whole parts, then one unit each to the largest remainders;
# equal remainders in the order of the order lines, the platform's surplus last.
SPLIT: Final = f"""
    WITH measured AS ({_MEASURED}),
    weighed AS (
        SELECT *, sum(weight) OVER (PARTITION BY voucher_id) AS whole FROM measured),
    quotas AS (
        SELECT *, div(minor * weight, whole) AS part, mod(minor * weight, whole) AS rest FROM weighed WHERE whole > 0),
    ranked AS (
        SELECT *, minor - sum(part) OVER (PARTITION BY voucher_id) AS left_over,
            row_number() OVER (PARTITION BY voucher_id ORDER BY rest DESC, order_line_id NULLS LAST, peg_id) AS place
        FROM quotas)
    INSERT INTO orders_costshare (voucher_id, voucher_number, kind, basis, currency, dealer_id, peg_id, order_line_id,
        product_id, cycle_id, weight, amount, shared_at)
    SELECT voucher_id, number, kind, basis, currency, dealer_id, peg_id, order_line_id, product_id, cycle_id, weight,
        (part + CASE WHEN place <= left_over THEN 1 ELSE 0 END) / units, %(at)s
    FROM ranked
"""
# The ways from warehouses to drop points that vouchers shared by distance are about.
WAYS: Final = """
    SELECT DISTINCT wanted.ship_to_site_id, purchase.warehouse_site_id, home.latitude, home.longitude,
        shop.latitude, shop.longitude
    FROM orders_costvoucher voucher
    JOIN orders_purchaseorder purchase
        ON purchase.id = voucher.purchase_order_id OR purchase.cycle_id = voucher.cycle_id
    JOIN orders_purchaseorderline supply ON supply.purchase_order_id = purchase.id
    JOIN orders_peg peg ON peg.purchase_order_line_id = supply.id AND peg.received > 0
    JOIN orders_orderline wanted ON wanted.id = peg.order_line_id
    JOIN directory_site home ON home.id = purchase.warehouse_site_id
    JOIN directory_site shop ON shop.id = wanted.ship_to_site_id
    WHERE voucher.id = ANY(%(vouchers)s) AND voucher.basis = 'DISTANCE'
"""
