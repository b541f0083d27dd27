"""What it costs when a pool gives a line more than it asked for."""

from __future__ import annotations

from decimal import Decimal

from b2b.core.money import round_to_currency


def amount(unit_price: Decimal, flex_up: int, tax_rate: Decimal, *, currency: str) -> Decimal:
    """Return what `flex_up` base units more would cost at a line's present price, with tax: the most a pool asks.

    A pool never raises a line's price. Net and tax are rounded each, as on the line.
    """
    net = round_to_currency(unit_price * flex_up, currency)
    return net + round_to_currency(net * tax_rate, currency)
