"""A dealer finances an invoice and goods of its own, and holds a voucher."""

from __future__ import annotations

from b2b.core import clock
from b2b.directory.models import Organization
from finance.models import Financing, Programme, StockPledge, Voucher
from tests.factories.directory import funder
from tests.factories.finance import operator
from tests.finance import rest_world
from tests.finance.financing.stock import secured
from tests.finance.financing.test_voucher import give, issued
from tests.finance.financing.world import ask, draw, open_programme


def open_to_dealers(bank: Organization | None = None) -> Programme:
    """Open a programme that finances what dealers buy."""
    return open_programme("DISTRIBUTOR_FINANCE", of=bank or funder())


def finance_the_dealer(dealer: Organization) -> Financing:
    """Issue an invoice to the dealer and let it draw money on it."""
    now = clock.now()
    owed = rest_world.issue_invoice(dealer, delivered_at=now)
    return draw(ask(open_to_dealers(), owed, kind="INVOICE", at=now), at=now)


def pledge_goods_of(dealer: Organization) -> StockPledge:
    """Let the dealer borrow on goods of its own."""
    return secured(dealer, funder(), operator())


def hand_a_voucher_to(dealer: Organization) -> Voucher:
    """Let a factory pay the dealer with a voucher."""
    return give(issued(), dealer)
