"""Keep the terms that orders tells of: the newest version of each line, whatever order the events come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from b2b.contracts.orders import OrderedLine, PurchaseLine
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.policies import tax
from finance.selectors.invoice import invoiced_in_full
from finance.services import credit, three_way_match, valuation

BILLING = {
    "order_line_id": "bigint",
    "line_number": "int",
    "product_id": "bigint",
    "quantity": "bigint",
    "unit_price": "numeric",
    "tax_rate": "numeric",
}
PURCHASE = {
    "purchase_order_line_id": "bigint",
    "line_number": "int",
    "product_id": "bigint",
    "quantity": "bigint",
    "unit_price": "numeric",
}


def order_value(lines: Iterable[OrderedLine], currency: str) -> Money:
    """Return what an order may come to with tax, flexibility included: what it holds of its dealer's credit."""
    nets = (
        (line.tax_rate, tax.line_net(_billed(line) + line.flex_up, line.unit_price, currency))
        for line in lines
    )
    return Money(tax.totals(nets, currency).gross_amount, currency)


def _billed(line: OrderedLine) -> int:
    return line.quantity - line.returned_quantity


def _billing_row(line: OrderedLine) -> tuple[object, ...]:
    billed = _billed(line)
    return line.line_id, line.line_number, line.product_id, billed, line.unit_price, line.tax_rate


@unit_of_work()
def record_order(
    *,
    order_id: UUID,
    number: str,
    version: int,
    dealer_id: int,
    currency: str,
    payment_terms_days: int,
    lines: Sequence[OrderedLine],
    waiting_amount: Decimal = Decimal(0),
    by: Actor,
    at: datetime,
) -> None:
    """Keep the terms of a confirmed or changed order and let its credit hold follow; older versions change nothing.

    `waiting_amount`, with tax, is not billed yet and holds credit all the same.
    """
    head = {
        "order_id": order_id,
        "order_number": number,
        "order_version": version,
        "dealer_id": dealer_id,
        "currency": currency,
        "payment_terms_days": payment_terms_days,
    }
    execute(
        f"""
        INSERT INTO finance_billingterms AS kept (order_line_id, line_number, product_id, quantity, unit_price,
            tax_rate, order_id, order_number, order_version, dealer_id, currency, payment_terms_days)
        SELECT given.*, %(order_id)s, %(order_number)s, %(order_version)s, %(dealer_id)s, %(currency)s,
            %(payment_terms_days)s
        FROM {unnest(BILLING)}
        ON CONFLICT (order_line_id) DO UPDATE SET order_version = excluded.order_version,
            quantity = excluded.quantity, unit_price = excluded.unit_price, tax_rate = excluded.tax_rate,
            payment_terms_days = excluded.payment_terms_days
        WHERE kept.order_version < excluded.order_version
        """,
        {
            **head,
            **transpose(list(BILLING), map(_billing_row, lines)),
        },
    )
    execute(
        """
        UPDATE finance_billingterms SET quantity = 0, order_version = %(order_version)s
        WHERE order_id = %(order_id)s AND order_version < %(order_version)s
        """,
        head,
    )
    # Partial invoices round each for itself: an order with nothing left to bill holds nothing, not even a cent.
    is_billed = not waiting_amount and order_id in invoiced_in_full([order_id])
    value = order_value(lines, currency) + Money.of(waiting_amount, currency)
    credit.follow(
        dealer_id=dealer_id,
        order_id=order_id,
        amount=Money.of(0, currency) if is_billed else value,
        version=version,
        by=by,
        at=at,
    )


@unit_of_work()
def record_purchase(
    *,
    purchase_order_id: UUID,
    number: str,
    factory_id: int,
    currency: str,
    lines: Sequence[PurchaseLine],
    version: int = 0,
    by: Actor,
    at: datetime,
) -> None:
    """Keep the prices of a purchase order for valuing what is received; an older version changes nothing.

    What was received already is worth its new price, too, and bills that were too dear or too much are held against
    what is agreed now.
    """
    valuation.begin()  # before the terms are locked: who values locks them, too
    changed = execute(
        f"""
        INSERT INTO finance_purchaseterms AS kept (purchase_order_line_id, line_number, product_id, quantity,
            unit_price, purchase_order_id, purchase_order_number, factory_id, currency, order_version, tax_rate)
        SELECT given.*, %(purchase_order_id)s, %(number)s, %(factory_id)s, %(currency)s, %(version)s,
            CASE WHEN %(at_home)s THEN product.tax_rate END
        FROM {unnest(PURCHASE)} JOIN catalog_product product ON product.id = given.product_id
        ON CONFLICT (purchase_order_line_id) DO UPDATE SET quantity = excluded.quantity,
            unit_price = excluded.unit_price, order_version = excluded.order_version
        WHERE kept.order_version < excluded.order_version
        """,
        {
            "purchase_order_id": purchase_order_id,
            "number": number,
            "factory_id": factory_id,
            "currency": currency,
            "version": version,
            "at_home": _is_at_home(factory_id),
            **transpose(
                list(PURCHASE),
                (
                    (line.line_id, line.line_number, line.product_id, line.quantity, line.unit_price)
                    for line in lines
                ),
            ),
        },
    )
    if changed:
        keys = [line.line_id for line in lines]
        valuation.revalue(purchase_lines=keys, by=by, at=at)
        if version:
            three_way_match.match_waiting(keys, verdict="", by=by, at=at)


def _is_at_home(factory_id: int) -> bool:
    """Tell whether a factory is in our own country, so that its bills charge the tax of what is sold here."""
    ours = Organization.objects.filter(kind=Organization.Kind.OPERATOR)
    return Organization.objects.filter(pk=factory_id, country__in=ours.values("country")).exists()
