"""Factories bill what was accepted of their goods, some too dear; the operator decides on those the day after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from b2b.directory.models import Organization
from b2b.market.stage import Stage
from finance.models import SupplierInvoice
from finance.policies import tax
from finance.policies.en16931 import Bill, BilledLine
from finance.policies.tax import Amount
from finance.services import supplier_invoice, three_way_match

TOO_DEAR: Final = 0.04  # share of bills with a line above the agreed price
SURCHARGE: Final = Decimal("1.05")
RELEASED: Final = 0.5  # of those, what the operator lets pass; the rest is billed again
UNBILLED: Final = """
    SELECT terms.purchase_order_number, terms.line_number, accrued.quantity - coalesce(billed.quantity, 0),
        terms.unit_price, product.tax_rate, terms.currency
    FROM finance_purchaseterms terms JOIN catalog_product product ON product.id = terms.product_id
    JOIN (SELECT terms_id, sum(quantity)::bigint AS quantity FROM finance_goodsaccrual GROUP BY 1) accrued
        ON accrued.terms_id = terms.purchase_order_line_id
    LEFT JOIN (
        SELECT line.terms_id, sum(line.quantity)::bigint AS quantity FROM finance_supplierinvoiceline line
        JOIN finance_supplierinvoice bill ON bill.id = line.invoice_id AND bill.status <> 'REJECTED'
        GROUP BY 1) billed ON billed.terms_id = terms.purchase_order_line_id
    WHERE terms.factory_id = %(factory)s AND accrued.quantity > coalesce(billed.quantity, 0)
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class _Goods:
    """Accepted goods of a purchase order line that were not billed yet."""

    order: str
    line_number: int
    quantity: int
    unit_price: Decimal
    tax_rate: Decimal
    currency: str


def bill(stage: Stage) -> None:
    """Bill what was accepted, one bill a factory and currency, after deciding on yesterday's that wait."""
    _decide(stage)
    for factory in stage.world.factories:
        with stage.at(14) as now, stage.acting(factory) as by:
            goods = [_Goods(*row) for row in fetch(UNBILLED, {"factory": factory.pk})]
            for currency in sorted({one.currency for one in goods}):
                sent = _bill(stage, factory, [one for one in goods if one.currency == currency])
                supplier_invoice.receive(sent, factory_id=factory.pk, by=by, at=now)
                stage.counts["factory bills"] += 1


def _bill(stage: Stage, factory: Organization, goods: Iterable[_Goods]) -> Bill:
    goods = list(goods)
    factor = Decimal(1)
    if stage.chance.random() < TOO_DEAR and not stage.is_last_day:
        factor = SURCHARGE
        stage.counts["factory bills too dear"] += 1
    prices = [(one.unit_price * factor).quantize(Decimal("0.000001")) for one in goods]
    lines = tuple(
        BilledLine(
            row=number,
            number=str(number),
            quantity=Decimal(one.quantity),
            unit_price=price,
            net_amount=tax.line_net(one.quantity, price, one.currency),
            tax=tax.plain(one.tax_rate.normalize() if one.tax_rate else Decimal(0)),
            order=one.order,
            order_line=str(one.line_number),
        )
        for number, (one, price) in enumerate(zip(goods, prices, strict=True), 1)
    )
    currency = goods[0].currency
    return Bill(
        number=f"{factory.code.upper()}-{stage.today:%Y%m%d}-{currency}",
        issue_date=stage.today,
        currency=currency,
        lines=lines,
        totals=tax.totals_of([Amount(one.tax, one.net_amount) for one in lines], currency),
    )


def _decide(stage: Stage) -> None:
    with stage.at(9.5) as now, stage.acting(stage.world.operator) as by:
        for waiting in _too_dear(by):
            decide = three_way_match.release if stage.chance.random() < RELEASED else three_way_match.reject
            decide(waiting.pk, reason="after a call with the factory", by=by, at=now)


def _too_dear(by: Actor) -> list[SupplierInvoice]:
    return list(SupplierInvoice.objects.visible_to(by).filter(status="HELD", verdict="PRICE_ABOVE"))
