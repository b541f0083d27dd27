"""A freight bill is shared over the goods that many dealers received."""

from __future__ import annotations

from b2b.core.money import Money
from benchmarks import limit, world
from benchmarks.close_cycle import PRODUCTS, SIZES, filled
from benchmarks.report import Report
from orders.models import CostVoucher, OrderCycle
from orders.services import cost_voucher, order_cycle

# Everything that was pegged came in.
RECEIVED = """
    UPDATE orders_peg peg SET allocated = pegged, received = pegged
    FROM orders_purchaseorderline line JOIN orders_purchaseorder placed ON placed.id = line.purchase_order_id
    WHERE line.id = peg.purchase_order_line_id AND placed.cycle_id = %s
"""
# The least there is to do: the same rows written into a table with the same indexes and foreign keys, without
# deciding anything.
TWIN = """
    CREATE TABLE IF NOT EXISTS bare_costshare (LIKE orders_costshare INCLUDING ALL,
        FOREIGN KEY (voucher_id) REFERENCES orders_costvoucher, FOREIGN KEY (peg_id) REFERENCES orders_peg,
        FOREIGN KEY (order_line_id) REFERENCES orders_orderline)
"""
BARE = "INSERT INTO bare_costshare SELECT * FROM orders_costshare WHERE voucher_id = %s"


def run(report: Report) -> None:
    """Measure sharing and sharing again; a market of its own per size."""
    with limit.connect() as bare:
        bare.execute(TWIN)
        for size in (50, *report.sizes(*SIZES)):
            made = world.build(products=min(PRODUCTS, size), prefix=f"{size}-")
            cycle = filled(made, size)
            bare.execute("ANALYZE orders_orderline, orders_order, orders_peg, warehousing_demand")
            order_cycle.close(cycle, early=True, by=world.BY, at=world.AT)
            bare.execute(RECEIVED, [cycle.pk])
            bare.execute("ANALYZE orders_peg, orders_purchaseorderline")
            bill = _bill(cycle)
            shared = limit.middle(1, lambda _, bill=bill: _share(bill))
            bare_share = limit.middle(1, lambda _, bill=bill: bare.execute(BARE, [bill.pk]))
            again = limit.middle(1, lambda _, bill=bill: _share(bill))
            if size == 50:  # that was to get everything warm
                continue
            within = 5 if size == max(SIZES) else None
            for name, found in (("share a cost over pegs", shared), ("share it again", again)):
                report.rate(
                    name, size, found, unit="pegs/s", limit_seconds=bare_share.seconds, within_s=within
                )


def _bill(cycle: OrderCycle) -> CostVoucher:
    amount = Money.of("98765.43", cycle.currency)
    return cost_voucher.plan(
        kind="FREIGHT", basis="VALUE", amount=amount, cycle=cycle, by=world.BY, at=world.AT
    )


def _share(bill: CostVoucher) -> None:
    cost_voucher.share(bill, by=world.BY, at=world.AT)
