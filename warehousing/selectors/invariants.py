"""What must always hold in the warehouse, and the comparison of its balances with its ledger."""

from __future__ import annotations

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch, fetch_value
from b2b.db.invariants import invariant
from b2b.db.reconcilers import Difference, Outcome, reconciler
from b2b.db.transactions import unit_of_work
from warehousing.selectors import (
    epcis_reconcile,
    promise_invariants,  # noqa: F401 - states its own
)

KEY = """entry.product_id, entry.location_id, coalesce(entry.lot_id, 0), coalesce(entry.owner_id, 0),
            coalesce(entry.handling_unit_id, 0), entry.status"""

QUANTS_DIFFER = f"""
    SELECT coalesce(quant.product_id, ledger.product_id) AS product_id,
        coalesce(quant.location_id, ledger.location_id) AS location_id,
        coalesce(ledger.quantity, 0) AS expected, coalesce(quant.on_hand, 0) AS found
    FROM warehousing_quant quant
    FULL JOIN (
        SELECT {KEY}, sum(entry.quantity)
        FROM warehousing_stockledgerentry entry JOIN warehousing_location place ON place.id = entry.location_id
        WHERE place.kind NOT IN ('SUPPLIER', 'CUSTOMER', 'LOSS')
        GROUP BY {KEY}
    ) ledger (product_id, location_id, lot_id, owner_id, handling_unit_id, status, quantity)
        ON ledger.product_id = quant.product_id AND ledger.location_id = quant.location_id
        AND ledger.lot_id = coalesce(quant.lot_id, 0) AND ledger.owner_id = coalesce(quant.owner_id, 0)
        AND ledger.handling_unit_id = coalesce(quant.handling_unit_id, 0) AND ledger.status = quant.status
    WHERE coalesce(quant.on_hand, 0) <> coalesce(ledger.quantity, 0)
"""

RESERVED_DIFFERS = """
    SELECT quant.product_id, quant.location_id, coalesce(sum(kept.quantity), 0) AS expected, quant.reserved AS found
    FROM warehousing_quant quant
    LEFT JOIN warehousing_reservation kept ON kept.quant_id = quant.id AND kept.status = 'ACTIVE'
    GROUP BY quant.id HAVING quant.reserved <> coalesce(sum(kept.quantity), 0)
"""

invariant("stock.quants", "What quants hold is what the ledger adds up to", QUANTS_DIFFER)
invariant(
    "stock.reserved", "A quant's reserved quantity is the sum of its active reservations", RESERVED_DIFFERS
)
invariant(
    "stock.movements",
    "Every movement sums to zero per product",
    """
    SELECT movement, product_id, sum(quantity) AS excess FROM warehousing_stockledgerentry
    GROUP BY movement, product_id HAVING sum(quantity) <> 0
    """,
)


invariant(
    "stock.serials",
    "A serial number is where its last movement put it, and in one place",
    """
    SELECT serial.id, serial.location_id, sum(entry.quantity) AS found FROM warehousing_serial serial
    LEFT JOIN warehousing_stockledgerentry entry
        ON entry.serial_id = serial.id AND entry.location_id = serial.location_id
    WHERE serial.location_id IS NOT NULL GROUP BY serial.id HAVING coalesce(sum(entry.quantity), 0) <> 1
    """,
)
invariant(
    "stock.units",
    "Goods in a handling unit are where the unit is",
    """
    SELECT quant.handling_unit_id, unit.location_id AS expected, quant.location_id AS found
    FROM warehousing_quant quant JOIN warehousing_handlingunit unit ON unit.id = quant.handling_unit_id
    WHERE quant.on_hand > 0 AND quant.location_id IS DISTINCT FROM unit.location_id
    """,
)


PERIODS_DIFFER = """
    SELECT coalesce(summed.product_id, found.product_id) AS product_id,
        coalesce(summed.location_id, found.location_id) AS location_id,
        coalesce(found.quantity, 0) AS expected, coalesce(summed.quantity, 0) AS found
    FROM (SELECT product_id, location_id, recorded_month, effective_month, sum(quantity) AS quantity
          FROM warehousing_stockperiodchange GROUP BY 1, 2, 3, 4) summed
    FULL JOIN (
        SELECT product_id, location_id, date_trunc('month', recorded_at AT TIME ZONE 'UTC')::date AS recorded_month,
            date_trunc('month', effective_at AT TIME ZONE 'UTC')::date AS effective_month, sum(quantity) AS quantity
        FROM warehousing_stockledgerentry
        WHERE recorded_at < (SELECT (max(month) + interval '1 month') AT TIME ZONE 'UTC' FROM warehousing_stockperiod)
        GROUP BY 1, 2, 3, 4 HAVING sum(quantity) <> 0
    ) found USING (product_id, location_id, recorded_month, effective_month)
    WHERE coalesce(found.quantity, 0) <> coalesce(summed.quantity, 0)
"""
invariant("stock.periods", "The sums of closed months are what was recorded in them", PERIODS_DIFFER)
invariant(
    "stock.epcis", "The events of every lot add up to what the ledger has on hand", epcis_reconcile.DIFFER
)


@reconciler("stock")
@unit_of_work()
def compare_stock() -> Outcome:
    """Compare every balance with the ledger, and every reserved quantity with the reservations; reads only."""
    with acting_as(system("reconcile")):
        compared = int(fetch_value("SELECT count(*) FROM warehousing_quant"))
        found = [
            (kind, reason, fetch(statement))
            for kind, reason, statement in (
                ("on_hand", "the balance is not what the ledger adds up to", QUANTS_DIFFER),
                ("period", "the sum of a closed month is not what was recorded in it", PERIODS_DIFFER),
                ("reserved", "the reserved quantity is not the sum of active reservations", RESERVED_DIFFERS),
            )
        ]
    differences = tuple(
        Difference(
            kind=kind,
            reference=f"product {product_id} at location {location_id}",
            expected=str(expected),
            found=str(actual),
            reason=reason,
        )
        for kind, reason, rows in found
        for product_id, location_id, expected, actual in rows
    )
    with acting_as(system("reconcile")):
        lots, told = epcis_reconcile.compared(), epcis_reconcile.differences()
    differences += tuple(
        Difference(
            kind="epcis",
            reference=f"lot {number} of {sku}",
            expected=str(expected),
            found=str(actual),
            reason="the events do not add up to what the ledger has on hand",
        )
        for sku, number, expected, actual in told
    )
    return Outcome(compared=compared + lots, differences=differences)


invariant(
    "receipts.held",
    "What a receipt line holds back is what its open inspections decide on",
    """
    SELECT line.id, line.held_quantity, coalesce(sum(one.lot_size), 0) AS found FROM warehousing_receiptline line
    LEFT JOIN warehousing_inspection one ON one.line_id = line.id AND one.status IN ('OPEN', 'FAILED', 'REWORK')
    GROUP BY line.id HAVING line.held_quantity <> coalesce(sum(one.lot_size), 0)
    """,
)
invariant(
    "receipts.scans",
    "What was counted in parts and booked is accepted, rejected or held",
    """
    SELECT line.id, sum(scan.quantity) AS expected,
        coalesce(line.accepted_quantity, 0) + coalesce(line.rejected_quantity, 0) + line.held_quantity AS found
    FROM warehousing_receiptline line JOIN warehousing_receiptscan scan ON scan.line_id = line.id
    WHERE scan.part IS NOT NULL GROUP BY line.id
    HAVING sum(scan.quantity)
        <> coalesce(line.accepted_quantity, 0) + coalesce(line.rejected_quantity, 0) + line.held_quantity
    """,
)
