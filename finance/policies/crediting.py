"""What is credited for goods taken off an invoice: in any number of steps, exactly what was billed in the end."""

from __future__ import annotations

from decimal import Decimal

from b2b.core.money import round_to_currency
from finance.policies.tax import line_net


def net_of(before: int, now: int, unit_price: Decimal, currency: str) -> Decimal:
    """Return the net amount to credit for `now` base units of an invoice line of which `before` were credited.

    Promise: whatever the steps, the amounts for all units of a line sum to what the line was billed.
    """
    return line_net(before + now, unit_price, currency) - line_net(before, unit_price, currency)


def tax_of(taxable_before: Decimal, taxable_now: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return the tax to credit at one rate when `taxable_before` of the invoice's net at the rate was credited.

    Promise: whatever the steps, the amounts sum to the tax of the whole, which is rounded once (BR-CO-17).
    """
    whole = round_to_currency((taxable_before + taxable_now) * rate, currency)
    return whole - round_to_currency(taxable_before * rate, currency)
