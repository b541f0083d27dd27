"""Two people put prices in force at once: one is told, and no day has two prices."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

from django.db import connection

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch_value
from orders.models import PriceAgreement, PriceBreak, TermsChange
from orders.policies.raw_row import RawRow
from orders.services import agreements, price_list
from tests.factories import orders as made
from tests.factories.orders import NOW


def test_no_day_has_two_prices(committed_db):
    with acting_as(system("test")):
        market = made.trade(products=6, dealers=1)
    start = Barrier(4)

    def agree(number):
        products = market.products if number % 2 else market.products[::-1]
        rows = [
            RawRow(row, {
                "seller": market.maker.code, "sku": one.sku, "unit_price": str(number + 1),
                "valid_from": str(date(2027, 1, 1 + number)), "valid_to": "2027-06-30" if number else "",
            })
            for row, one in enumerate(products)
        ]  # fmt: skip
        try:
            with acting_as(system("test")), clock.travel(NOW):
                start.wait()
                price_list.put(rows, by=system("test"), at=NOW)
                return "put"
        except (agreements.OverlappingAgreement, agreements.InvalidAgreements) as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(agree, range(4)))

    assert "put" in told
    with acting_as(system("test")):
        overlaps = fetch_value(
            """
            SELECT count(*) FROM orders_priceagreement one JOIN orders_priceagreement other
                ON other.id > one.id AND other.product_id = one.product_id AND other.audience = one.audience
                AND daterange(one.valid_from, one.valid_to, '[]') && daterange(other.valid_from, other.valid_to, '[]')
            """
        )
        assert overlaps == 0
        created = TermsChange.objects.filter(verb="create").count()
        assert PriceAgreement.objects.count() == 6 + created
        assert created % 6 == 0
        assert PriceBreak.objects.count() == 12 + created
