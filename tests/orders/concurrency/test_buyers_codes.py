"""Two people replace a dealer's codes at once: one list is the whole."""

from concurrent.futures import ThreadPoolExecutor, wait

from django.db import connections

from b2b.core.actor import acting_as, system
from b2b.db.transactions import unit_of_work
from orders.models import BuyersItem
from orders.policies.raw_row import RawRow
from orders.services import buyers_items
from tests.factories import orders as made
from tests.factories.orders import NOW

BY = system("test")


def test_of_two_lists_that_replace_all_the_later_is_the_whole(committed_db):
    with acting_as(BY):
        market = made.trade()

    def replace(code):
        row = RawRow(2, {"buyers_code": code, "sku": market.products[0].sku})
        with acting_as(BY):
            buyers_items.put([row], dealer=market.dealers[0], mode="replace", by=BY, at=NOW)

    def beside():
        try:
            replace("later")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        with unit_of_work():
            replace("earlier")
            other = threads.submit(beside)
            assert not wait([other], timeout=0.3).done
        other.result(timeout=10)
    with acting_as(BY):
        assert list(BuyersItem.objects.values_list("code", flat=True)) == ["later"]
