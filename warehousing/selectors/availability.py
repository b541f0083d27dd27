"""What could be promised: on hand and expected, less what is promised already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from b2b.catalog.selectors import product
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.models import array
from warehousing.models import Warehouse

MOST: Final = 10_000

_FREE: Final = """
SELECT book.product_id, sum(greatest(0, coalesce(there.on_hand, 0) - book.promised))::bigint
FROM warehousing_promisebook book
JOIN warehousing_warehouse house ON house.id = book.warehouse_id AND house.is_active
LEFT JOIN (
    SELECT product_id, warehouse_id, sum(on_hand) AS on_hand FROM warehousing_usable
    WHERE product_id = ANY(%(products)s::bigint[]) AND owner_id IS NULL
        AND (expiry_date IS NULL OR expiry_date > %(today)s)
    GROUP BY product_id, warehouse_id
) there ON there.product_id = book.product_id AND there.warehouse_id = book.warehouse_id
WHERE book.product_id = ANY(%(products)s::bigint[]) AND book.owner_id IS NULL
GROUP BY book.product_id
"""

# What comes when, per product and warehouse, that no order line was allotted; wants CTEs `asked` and `houses`.
COMING: Final = """
lines AS MATERIALIZED (
    SELECT purchase_order_id, product_id, warehouse_id, day, sum(quantity) AS quantity FROM (
        -- Of a receipt that is being counted the rest still comes; lots of one purchase line make up for each other.
        SELECT receipt.purchase_order_id, line.product_id, receipt.warehouse_id,
            greatest(receipt.expected_at::date, %(today)s) AS day,
            greatest(0, sum(line.expected_quantity - CASE WHEN receipt.status = 'RECEIVING' THEN
                coalesce(line.accepted_quantity, 0) + coalesce(line.rejected_quantity, 0) + line.held_quantity
                + coalesce((
                    SELECT sum(scan.quantity) FROM warehousing_receiptscan scan WHERE scan.line_id = line.id
                    AND scan.part IS NULL AND NOT scan.is_void AND scan.condition = 'DAMAGED'), 0)
                ELSE 0 END)) AS quantity
        FROM warehousing_receipt receipt JOIN warehousing_receiptline line ON line.receipt_id = receipt.id
        WHERE receipt.status IN ('EXPECTED', 'RECEIVING') AND receipt.warehouse_id IN (SELECT id FROM houses)
            AND line.product_id IN (SELECT product_id FROM asked)
        GROUP BY receipt.id, line.product_id, line.purchase_order_line_id) rest
    GROUP BY 1, 2, 3, 4
),
allotted AS (
    SELECT share.purchase_order_id, share.product_id, greatest(0, sum(share.quantity) - coalesce((
        SELECT sum(promise.quantity) FROM warehousing_promise promise
        JOIN warehousing_promisebook book ON book.id = promise.book_id AND book.product_id = share.product_id
        WHERE promise.purchase_order_id = share.purchase_order_id
            AND promise.status IN ('ON_HAND', 'FULFILLED')), 0)) AS quantity
    FROM warehousing_supplyshare share
    WHERE (share.purchase_order_id, share.product_id) IN (SELECT purchase_order_id, product_id FROM lines)
    GROUP BY 1, 2
),
coming AS MATERIALIZED (
    SELECT lines.product_id, lines.warehouse_id, lines.day, sum(greatest(0, least(lines.quantity, lines.upto
        - coalesce(allotted.quantity, 0)))) AS quantity
    FROM (SELECT *, sum(quantity) OVER (PARTITION BY purchase_order_id, product_id ORDER BY day, warehouse_id) AS upto
        FROM lines) lines
    LEFT JOIN allotted USING (purchase_order_id, product_id) GROUP BY 1, 2, 3
)
"""
_ASKED: Final = {"product_id": "bigint", "site_id": "bigint", "day": "date"}
# Goods that are there on the day and have not expired by then; what is promised of them; what comes until then that
# no order line was allotted. All three are summed once a product and warehouse, and per day from there.
_AT: Final = f"""
WITH asked AS (SELECT * FROM {unnest(_ASKED)}),
houses AS (
    SELECT DISTINCT house.id, house.site_id FROM warehousing_warehouse house
    WHERE house.is_active AND house.site_id IN (SELECT site_id FROM asked)
),
there AS MATERIALIZED (
    SELECT product_id, warehouse_id, expiry_date, sum(on_hand) AS on_hand FROM warehousing_usable
    WHERE product_id IN (SELECT product_id FROM asked) AND warehouse_id IN (SELECT id FROM houses)
        AND owner_id IS NULL AND (expiry_date IS NULL OR expiry_date > %(today)s)
    GROUP BY product_id, warehouse_id, expiry_date
),
{COMING}
SELECT asked.product_id, asked.site_id, asked.day, coalesce(shelf.on_hand, 0)::bigint,
    coalesce(book.promised, 0)::bigint, coalesce(way.quantity, 0)::bigint
FROM asked
LEFT JOIN houses ON houses.site_id = asked.site_id
LEFT JOIN warehousing_promisebook book
    ON book.product_id = asked.product_id AND book.warehouse_id = houses.id AND book.owner_id IS NULL
LEFT JOIN (
    SELECT asked.product_id, asked.site_id, asked.day, sum(there.on_hand) AS on_hand
    FROM (SELECT DISTINCT * FROM asked) asked JOIN houses USING (site_id)
    JOIN there ON there.product_id = asked.product_id AND there.warehouse_id = houses.id
        AND (there.expiry_date IS NULL OR there.expiry_date > asked.day)
    GROUP BY 1, 2, 3) shelf
    ON shelf.product_id = asked.product_id AND shelf.site_id = asked.site_id AND shelf.day = asked.day
LEFT JOIN (
    SELECT asked.product_id, asked.site_id, asked.day, sum(coming.quantity) AS quantity
    FROM (SELECT DISTINCT * FROM asked) asked JOIN houses USING (site_id)
    JOIN coming ON coming.product_id = asked.product_id AND coming.warehouse_id = houses.id AND coming.day <= asked.day
    GROUP BY 1, 2, 3) way ON way.product_id = asked.product_id AND way.site_id = asked.site_id AND way.day = asked.day
"""


@dataclass(frozen=True, slots=True)
class Available:
    """What a site has of a product on a day, base units.

    `on_hand` has not expired by then, `promised` is promised from the shelves to anybody, `expected` comes until then
    and was allotted to nobody.
    """

    product_id: int
    site_id: int
    day: date
    on_hand: int
    promised: int
    expected: int

    @property
    def available(self) -> int:
        """What could be promised for that day."""
        return max(0, self.on_hand - self.promised) + self.expected


def free(product_ids: Collection[int], *, today: date) -> dict[int, int]:
    """Return product -> base units on the shelves that are promised to nobody, 0 for unknown ones; one statement.

    What one warehouse has promised beyond its goods does not lessen what another has free.
    """
    found = dict(fetch(_FREE, {"products": array(product_ids), "today": today}))
    return {key: found.get(key, 0) for key in product_ids}


def at(actor: Actor, asked: Sequence[tuple[int, int, date]], *, today: date) -> list[Available]:
    """Answer any number of (product, site, day) questions in one statement, in the order asked.

    Everybody may know how much is free; how much is on hand and promised only operators are told (0 for others).
    """
    with acting_as(system("availability")):
        rows = {
            (row[0], row[1], row[2]): Available(*row)
            for row in fetch(_AT, {**transpose(list(_ASKED), asked), "today": today})
        }
    answers = [rows[one] for one in asked]
    if actor.sees_all:
        return answers
    return [
        Available(one.product_id, one.site_id, one.day, max(0, one.on_hand - one.promised), 0, one.expected)
        for one in answers
    ]


def by_code(
    actor: Actor, asked: Sequence[tuple[str, str, date | None]], *, today: date
) -> list[dict[str, Any]]:
    """Answer (SKU, warehouse code or "" for all, day or None for today) as the API tells it, in three statements.

    :raises Invalid: naming every SKU and warehouse that is unknown and every day that is past, by line.
    """
    with acting_as(system("availability")):
        houses = {
            house.code: house for house in Warehouse.objects.filter(is_active=True).order_by("priority", "pk")
        }
    products = product.keys_by_sku(actor, {sku for sku, _, _ in asked})
    problems = []
    wanted: list[tuple[str, str, tuple[int, int, date]]] = []
    for place, (sku, code, day) in enumerate(asked):
        if sku not in products:
            problems.append(Problem("unknown_product", f"there is no product {sku}", f"/lines/{place}/sku"))
        if code and code not in houses:
            problems.append(
                Problem("unknown_warehouse", f"there is no warehouse {code}", f"/lines/{place}/warehouse")
            )
        if day is not None and day < today:
            problems.append(
                Problem("past_day", f"{day} is over; ask from {today} on", f"/lines/{place}/date")
            )
        if not problems:
            wanted += [
                (sku, name, (products[sku], houses[name].site_id, day or today))
                for name in ([code] if code else houses)
            ]
    if problems:
        raise Invalid("Some of the questions cannot be answered.", problems=problems)
    if len(wanted) > MOST:
        raise Invalid(f"at most {MOST} answers can be given at once; these questions ask for {len(wanted)}")
    answers = at(actor, [key for _, _, key in wanted], today=today)
    return [
        {
            "sku": sku,
            "warehouse": code,
            "date": one.day,
            "available": one.available,
            "expected": one.expected,
            "on_hand": one.on_hand if actor.sees_all else None,
            "promised": one.promised if actor.sees_all else None,
        }
        for (sku, code, _), one in zip(wanted, answers, strict=True)
    ]
