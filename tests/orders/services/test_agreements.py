"""Agreements are put in force as a set, replace and end each other, and leave a history."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.core.errors import Forbidden, Invalid
from orders.models import PriceAgreement, PriceBreak, TermsChange
from orders.selectors import terms
from orders.services import agreements, price_list
from orders.services.upload import price_list as files
from orders.services.upload.limits import UnreadableUpload
from tests.factories import orders as made
from tests.factories import terms as agreed
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
SINCE = date(2026, 1, 1)  # as the factories write agreements


@pytest.fixture
def market():
    return made.trade(dealers=2, products=2)


def listed(
    market, *lines, heading="sku,min_quantity,unit_price,valid_from,valid_to,seller,buyer,group,priority"
):
    text = "\n".join([heading, *(line.format(*(one.sku for one in market.products)) for line in lines)])
    return files.read(text.replace("FAC", market.maker.code).encode(), filename="prices.csv")


def put(market, *lines, **changes):
    values = {"by": market.operator_actor, "at": NOW, "reason": "new year", **changes}
    return price_list.put(listed(market, *lines), **values)


def price(market, day=TODAY, dealer=0):
    one = terms.of_products(
        [market.products[0].pk], buyer_id=market.dealers[dealer].pk, currency="CNY", day=day
    )
    return one[market.products[0].pk].breaks[0].unit_price


def test_a_new_list_ends_the_old_the_day_before(market):
    placed = put(market, "{0},1,9,2027-01-01,,FAC,,,", "{0},50,7,2027-01-01,,FAC,,,")

    assert (placed.created, placed.ended) == (1, 1)
    assert [price(market, date(2026, 12, 31)), price(market, date(2027, 1, 1))] == [10, 9]
    ended, new = TermsChange.objects.order_by("verb")[1], TermsChange.objects.order_by("verb")[0]
    assert (new.verb, new.before, new.reason) == ("create", None, "new year")
    assert new.after["breaks"] == [[1, "9"], [50, "7"]]
    assert (ended.verb, ended.before["valid_to"], ended.after["valid_to"]) == ("end", None, "2026-12-31")
    assert (new.seller, new.organization_id) == (market.maker, market.operator_actor.organization_id)


def test_a_list_of_the_same_day_replaces_and_the_same_list_changes_nothing(market):
    line = "{0},1,9.5,2026-01-01,,FAC,,,"
    assert put(market, line).replaced == 1
    assert price(market) == 9.5
    again = put(market, line)
    assert (again.created, again.replaced, again.unchanged) == (0, 0, 1)
    change = TermsChange.objects.get()
    assert (change.verb, change.before["breaks"]) == ("replace", [[1, "10.000000"], [100, "8.000000"]])


def test_buyer_and_group_are_named_by_code(market):
    agreed.buyer_group(*market.dealers, code="TIER")
    put(market, "{0},1,9,2026-01-01,,FAC,,TIER,", f"{{0}},1,8,2026-01-01,,FAC,{market.dealers[1].code},,")
    assert [price(market, dealer=n) for n in (0, 1)] == [9, 8]


def test_a_short_price_does_not_tear_a_hole(market):
    promotion = "{0},1,6,2026-12-01,2026-12-24,FAC,,,{1}"
    with pytest.raises(agreements.InvalidAgreements) as refused:
        put(market, promotion.replace("{1}", ""))
    assert refused.value.problems[0].code == "hole"
    assert not TermsChange.objects.exists()
    put(market, promotion.replace("{1}", "0"))
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 24), date(2026, 12, 25)]
    assert [price(market, day) for day in days] == [10, 6, 6, 10]


def test_two_new_lists_follow_an_old_one_without_a_hole(market):
    placed = put(market, "{0},1,9,2027-01-01,2027-06-30,FAC,,,", "{0},1,8,2027-07-01,,FAC,,,")
    assert (placed.created, placed.ended) == (2, 1)
    assert [price(market, date(2026 + n // 12, n % 12 + 1, 1)) for n in (11, 12, 18)] == [10, 9, 8]


def test_one_before_a_later_one_must_end(market):
    with pytest.raises(agreements.InvalidAgreements) as refused:
        put(market, "{0},1,6,2025-06-01,,FAC,,,")
    assert (refused.value.problems[0].code, refused.value.problems[0].row) == ("overlap", 2)
    assert put(market, "{0},1,6,2025-06-01,2025-12-31,FAC,,,").created == 1


def test_all_rows_or_none(market):
    with pytest.raises(agreements.InvalidAgreements) as refused:
        put(market, "{0},1,9,,,FAC,,,", "nothing,1,9,,,FAC,,,", "{1},1,x,,,FAC,,,")
    assert [one.row for one in refused.value.problems] == [3, 4]
    assert PriceAgreement.objects.count() == 2


def test_an_agreement_is_ended_within_its_days(market):
    one = PriceAgreement.objects.get(product=market.products[0])
    with pytest.raises(Invalid):
        agreements.end(one, last_day=SINCE - timedelta(days=1), by=market.operator_actor, at=NOW)
    agreements.end(one, last_day=TODAY, reason="discontinued", by=market.operator_actor, at=NOW)
    assert price(market) == 10
    assert not terms.of_products(
        [market.products[0].pk], buyer_id=None, currency="CNY", day=TODAY + timedelta(days=1)
    )
    assert TermsChange.objects.get().reason == "discontinued"


def test_a_dealer_and_a_factory_put_nothing_in_force(market):
    for who in (market.dealer_actor(), market.factory_actor):
        with pytest.raises(Forbidden):
            put(market, "{0},1,9,,,FAC,,,", by=who)


def test_history_is_not_rewritten(market):
    put(market, "{0},1,9,2027-01-01,,FAC,,,")
    with pytest.raises(IntegrityError), transaction.atomic():
        TermsChange.objects.update(reason="never")


@pytest.mark.parametrize(
    "heading",
    ["sku,price", "sku", "sku,unit_price,unit price", "sku,unit_price,discount", "unit_price,buyer"],
)
def test_a_heading_that_is_none_is_refused(market, heading):
    with pytest.raises(UnreadableUpload):
        listed(market, "{0},1", heading=heading)


def test_statements_do_not_grow_with_rows():
    market = made.trade(dealers=1, products=60)

    def statements(count):
        lines = [f"{one.sku},1,9,2027-01-01,,FAC,,," for one in market.products[:count]]
        with CaptureQueriesContext(connection) as queries:
            put(market, *lines)
        return len(queries)

    assert statements(2) == statements(60)
    assert PriceBreak.objects.filter(agreement__valid_from=date(2027, 1, 1)).count() == 60
