"""Fifty releases of one blanket order at once."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db import invariants
from orders.models import BlanketRelease, Order, OrderLine
from orders.selectors import blanket as selectors
from orders.services import blanket_release
from tests.factories import agreements as agreed
from tests.factories import orders as made
from tests.factories.orders import NOW

RELEASES = 50


def test_fifty_releases_at_once_take_what_was_agreed_on_and_no_more(committed_db):
    with acting_as(system("test")):
        market = made.trade(products=1, dealers=1)
        blanket = agreed.blanket(market, [100], tolerance_bp=1000)
    who = market.dealer_actor()

    def release(_):
        try:
            with acting_as(who), clock.travel(NOW):
                blanket_release.release(blanket, quantities={1: 7}, by=who, at=NOW)
        except blanket_release.BeyondBlanket:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(RELEASES) as threads:
        taken = sum(threads.map(release, range(RELEASES)))

    with acting_as(system("test")):
        assert taken == 110 // 7
        assert Order.objects.count() == BlanketRelease.objects.count() == OrderLine.objects.count() == taken
        [line] = selectors.statement([blanket.pk])[blanket.pk]
        assert (line.standing.released, line.standing.left) == (taken * 7, 110 - taken * 7)
        numbers = BlanketRelease.objects.order_by("release_number").values_list("release_number", flat=True)
        assert list(numbers) == list(range(1, taken + 1))
        assert not invariants.check()
