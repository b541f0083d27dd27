"""Find the purchase order line that each line of a bill is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from b2b.catalog.selectors.packs import Packs, bare_gtin
from b2b.core.errors import Problem
from finance.models import PurchaseTerms
from finance.policies.en16931 import Bill, BilledLine
from finance.policies.tax import Tax

_PRICE_STEP: Final = Decimal("0.000001")
_LARGEST: Final = 10**12  # of a quantity in base units, and of a price


@dataclass(frozen=True, slots=True)
class Claimed:
    """A line of a bill in our terms: base units of a purchase order line and the price of one."""

    terms_id: int
    quantity: int
    unit_price: Decimal
    net_amount: Decimal
    tax: Tax


def resolve(bill: Bill, factory_id: int) -> tuple[list[Claimed], list[Problem]]:
    """Return the lines in our terms and a problem for each that is about nothing of the factory's; two statements.

    A line finds its purchase line by order and line number, else by product within the order. Quantities in packs
    become base units.
    """
    orders = {line.order or bill.order for line in bill.lines}
    terms = list(
        PurchaseTerms.objects.filter(factory_id=factory_id, purchase_order_number__in=orders)
        .select_related("product")
        .order_by("purchase_order_number", "line_number")
    )
    packs = Packs.of(one.product for one in terms)
    by_order: dict[str, list[PurchaseTerms]] = defaultdict(list)
    for one in terms:
        by_order[one.purchase_order_number].append(one)
    claimed, problems = [], []
    for line in bill.lines:
        found = _claim(line, bill, by_order[line.order or bill.order], packs)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            claimed.append(found)
    return claimed, problems


def _claim(line: BilledLine, bill: Bill, known: Sequence[PurchaseTerms], packs: Packs) -> Claimed | Problem:
    order = line.order or bill.order
    if not known:
        return _fault(line, "unknown_order", f"there is no purchase order {order or 'named'} of yours",
                      "OrderReference/ID", "give the number of our purchase order")  # fmt: skip
    terms = _terms(line, known, packs)
    if terms is None:
        named = line.order_line or line.gtin or line.buyers_sku or "nothing"
        return _fault(line, "unknown_line", f"purchase order {order} has no line {named}",
                      "OrderLineReference/LineID", "name our line, or the GTIN or our SKU of the product")  # fmt: skip
    if terms.currency != bill.currency:
        return _fault(line, "other_currency", f"{order} is in {terms.currency}, the bill in {bill.currency}",
                      "DocumentCurrencyCode", f"bill it in {terms.currency}")  # fmt: skip
    units = packs.units(terms.product, line.unit_code)
    quantity = line.quantity * units
    if not units:
        return _fault(line, "wrong_unit", f"{terms.product.sku} is not counted in {line.unit_code}",
                      "InvoicedQuantity/@unitCode", f"use one of {packs.codes(terms.product)}")  # fmt: skip
    if not 0 < quantity <= _LARGEST or quantity != quantity.to_integral_value():
        return _fault(line, "bad_quantity", f"{line.quantity:f} is no whole number above zero, or too large",
                      "InvoicedQuantity", "give the number of units that were delivered")  # fmt: skip
    price = line.unit_price / units
    if abs(price) >= _LARGEST:
        return _fault(line, "bad_price", f"{line.unit_price:f} is too large a price", "Price/PriceAmount",
                      "give the price of a unit")  # fmt: skip
    unit_price = price.quantize(_PRICE_STEP)
    return Claimed(terms.purchase_order_line_id, int(quantity), unit_price, line.net_amount, line.tax)


def _terms(line: BilledLine, known: Sequence[PurchaseTerms], packs: Packs) -> PurchaseTerms | None:
    if line.order_line:
        return next((one for one in known if str(one.line_number) == line.order_line), None)
    return next((one for one in known if _is_of(line, one, packs)), None)


def _is_of(line: BilledLine, terms: PurchaseTerms, packs: Packs) -> bool:
    return bare_gtin(line.gtin) in packs.gtins[terms.product_id] or (
        bool(line.buyers_sku) and line.buyers_sku == terms.product.sku
    )


def _fault(line: BilledLine, code: str, message: str, field: str, remedy: str) -> Problem:
    return Problem(code, f"line {line.number}: {message}", row=line.row or None, field=field, remedy=remedy)
