"""What lies in shipments: packages and lines, written as sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.contracts.warehousing import PackedUnit
from b2b.db.bulk import execute, staged

PACKAGE_COLUMNS = {
    "shipment_id": "uuid",
    "dealer_id": "bigint",
    "package_id": "uuid",
    "sscc": "text",
    "weight_g": "bigint",
    "volume_cm3": "bigint",
    "pallet_sscc": "text",
    "need_by_date": "date",
}
LINE_COLUMNS = {
    "shipment_id": "uuid",
    "order_id": "uuid",
    "order_version": "integer",
    "order_line_id": "bigint",
    "product_id": "bigint",
    "quantity": "bigint",
}

INSERT_PACKAGES = """
    INSERT INTO logistics_shipmentpackage
        (shipment_id, dealer_id, package_id, sscc, weight_g, volume_cm3, pallet_sscc)
    SELECT shipment_id, dealer_id, package_id, sscc, weight_g, volume_cm3, pallet_sscc FROM {table}
"""

# A pallet counts once, whenever its packages came: those that are there before are counted again.
GROW_SHIPMENTS = """
    UPDATE logistics_shipment shipment
    SET weight_g = shipment.weight_g + added.weight_g, volume_cm3 = shipment.volume_cm3 + added.volume_cm3,
        need_by_date = least(shipment.need_by_date, added.need_by_date),
        pallets = (SELECT count(DISTINCT package.pallet_sscc) FROM logistics_shipmentpackage package
            WHERE package.shipment_id = shipment.id AND package.pallet_sscc <> ''),
        version = version + 1, updated_at = %s
    FROM (
        SELECT shipment_id, sum(weight_g) AS weight_g, sum(volume_cm3) AS volume_cm3, min(need_by_date) AS need_by_date
        FROM {table} GROUP BY shipment_id
    ) added
    WHERE shipment.id = added.shipment_id
"""

# A line that is already there grows; a new one takes the next number of its shipment.
UPSERT_LINES = """
    INSERT INTO logistics_shipmentline AS line
        (shipment_id, dealer_id, line_number, order_id, order_version, order_line_id, product_id, quantity)
    SELECT added.shipment_id, shipment.dealer_id,
        coalesce((SELECT max(line_number) FROM logistics_shipmentline old WHERE old.shipment_id = added.shipment_id), 0)
            + row_number() OVER (PARTITION BY added.shipment_id ORDER BY added.order_line_id),
        added.order_id, added.order_version, added.order_line_id, added.product_id, added.quantity
    FROM (
        SELECT shipment_id, order_id, order_line_id, product_id,
            max(order_version) AS order_version, sum(quantity) AS quantity
        FROM {table} GROUP BY shipment_id, order_id, order_line_id, product_id
    ) added
    JOIN logistics_shipment shipment ON shipment.id = added.shipment_id
    ON CONFLICT (shipment_id, order_line_id) DO UPDATE
    SET quantity = line.quantity + excluded.quantity,
        order_version = greatest(line.order_version, excluded.order_version)
"""


def _packages(content: Mapping[UUID, Sequence[PackedUnit]]) -> Iterator[tuple[Any, ...]]:
    for shipment_id, units in content.items():
        for unit in units:
            yield (
                shipment_id,
                unit.dealer_id,
                unit.package_id,
                unit.sscc,
                unit.weight_g,
                unit.volume_cm3,
                _pallet(unit),
                unit.need_by_date,
            )


def _pallet(unit: PackedUnit) -> str:
    """Return the SSCC of the pallet a package takes the place of: the one it stands on, or itself."""
    return unit.pallet_sscc or (unit.sscc or unit.package_id.hex[:18] if unit.kind == "PALLET" else "")


def _lines(content: Mapping[UUID, Sequence[PackedUnit]]) -> Iterator[tuple[Any, ...]]:
    for shipment_id, units in content.items():
        for unit in units:
            for line in unit.lines:
                yield (
                    shipment_id,
                    line.order_id,
                    line.order_version,
                    line.order_line_id,
                    line.product_id,
                    line.quantity,
                )


def add(content: Mapping[UUID, Sequence[PackedUnit]], *, at: datetime) -> None:
    """Add packages and their lines to shipments; the same number of statements however many there are.

    The caller holds the shipments and has left out packages that are in one already.
    """
    with staged(PACKAGE_COLUMNS, _packages(content), name="packages") as table:
        execute(INSERT_PACKAGES.format(table=table))
        execute(GROW_SHIPMENTS.format(table=table), [at])
    with staged(LINE_COLUMNS, _lines(content), name="lines") as table:
        execute(UPSERT_LINES.format(table=table))
