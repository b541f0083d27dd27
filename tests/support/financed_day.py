"""A dealer finances an invoice: a programme is open, the offer is drawn."""

from __future__ import annotations

from b2b.core import clock
from b2b.directory.models import Organization
from finance.models import Financing, Programme
from tests.factories.directory import funder
from tests.finance import rest_world
from tests.finance.financing.world import ask, draw, open_programme


def open_to_dealers(bank: Organization | None = None) -> Programme:
    """Open a programme that finances what dealers buy."""
    return open_programme("DISTRIBUTOR_FINANCE", of=bank or funder())


def finance_the_dealer(dealer: Organization) -> Financing:
    """Issue an invoice to the dealer and let it draw money on it."""
    now = clock.now()
    owed = rest_world.issue_invoice(dealer, delivered_at=now)
    return draw(ask(open_to_dealers(), owed, kind="INVOICE", at=now), at=now)
