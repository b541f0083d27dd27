"""A factory's advice as UBL: matched with the purchase order, or refused with every fault."""

from datetime import timedelta

import pytest

from b2b.contracts.orders import DespatchAdvised
from b2b.core.actor import acting_as
from orders.models import DespatchAdvice, PurchaseOrder
from orders.policies.ubl_despatch import UnreadableAdvice
from orders.services import despatch_upload, purchase_order
from orders.services.despatch_advice import NotConfirmed
from tests.factories import catalog, directory
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, told
from tests.orders.services.wishes import wish
from tests.support import ubl
from tests.support.order_ports import answered

pytestmark = pytest.mark.django_db
GTIN = "09521234000017"


def confirmed(quantities=(100, 50)):
    """A confirmed purchase order of a factory for two products, the first with a GTIN and in cartons of twelve."""
    market = made.trade(products=len(quantities))
    first = market.products[0]
    first.gtin = GTIN[1:]
    first.save()
    catalog.PackagingFactory(product=first, code="CT", units=12)
    with answered():
        cycle = made.cycle(market)
        made.order(market, list(quantities))
        placed = close(cycle)
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    return market, PurchaseOrder.objects.get(pk=placed.pk)


def in_windows(*quantities):
    """A confirmed purchase order of one product for several weeks, a purchase line each."""
    market = made.trade()
    with answered():
        cycle = made.cycle(market, window_days=7)
        for index, quantity in enumerate(quantities):
            wish(market, quantity, need_by_date=(NOW.date() + timedelta(days=60 + 7 * index)).isoformat())
        placed = close(cycle)
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    assert list(placed.lines.order_by("line_number").values_list("quantity", flat=True)) == list(quantities)
    return market, PurchaseOrder.objects.get(pk=placed.pk)


def take(market, content, *, who=None):
    who = who or market.factory_actor
    with acting_as(who):
        return despatch_upload.receive_ubl(content, by=who, at=LATER)


def refused(market, content):
    with pytest.raises(UnreadableAdvice) as answer:
        take(market, content)
    assert not DespatchAdvice.objects.exists()
    assert all(problem.row and problem.remedy for problem in answer.value.problems)
    return [problem.code for problem in answer.value.problems]


def test_lines_are_found_by_number_and_by_product_in_packs():
    market, order = confirmed()
    pallet, carton = ubl.sscc(1), ubl.sscc(2)
    content = ubl.advice(
        ubl.line(1, 2, gtin=GTIN, unit_code="CT", lot="L1", expiry="2027-06-30"),
        ubl.line(2, 50, order_line=2, units=ubl.unit(pallet, ubl.package(carton))),
        order=order.number,
    )
    advice = take(market, content)
    assert take(market, content) == advice
    assert advice.external_reference == "D-1"
    lines = list(advice.lines.order_by("line_number").values_list("quantity", "lot_number", "sscc"))
    assert lines == [(24, "L1", ""), (50, "", carton)]
    [event] = told(DespatchAdvised)
    assert {unit.sscc: unit.parent_sscc for unit in event.units} == {pallet: "", carton: pallet}


def test_every_line_that_does_not_fit_is_named():
    market, order = confirmed()
    assert refused(
        market,
        ubl.advice(
            ubl.line(1, 1, order_line=9),
            ubl.line(2, 1, order_line=1, gtin="4006381333931"),
            ubl.line(3, 1, order_line=1, unit_code="KGM"),
            ubl.line(4, 101, order_line=1),
            ubl.line(5, 1, sku="NO-SUCH"),
            order=order.number,
        ),
    ) == ["unknown_line", "other_product", "wrong_unit", "more_than_confirmed", "unknown_line"]


def test_goods_that_name_their_product_alone_fill_its_windows_from_the_first():
    market, order = in_windows(30, 20)
    sku = market.products[0].sku
    advice = take(
        market, ubl.advice(ubl.line(1, 25, sku=sku), ubl.line(2, 25, sku=sku, lot="L2"), order=order.number)
    )
    lines = advice.lines.order_by("line_number")
    assert list(lines.values_list("purchase_order_line__line_number", "quantity", "lot_number")) == [
        (1, 25, ""), (1, 5, "L2"), (2, 20, "L2"),
    ]  # fmt: skip


def test_more_than_all_windows_wait_for_is_refused():
    market, order = in_windows(30, 20)
    content = ubl.advice(ubl.line(1, 51, sku=market.products[0].sku), order=order.number)
    assert refused(market, content) == ["more_than_confirmed"]


def test_what_a_line_names_must_agree():
    market, order = confirmed()
    first, second = (product.sku for product in market.products)
    assert refused(
        market,
        ubl.advice(
            ubl.line(1, 1, order_line=1, sku=second),
            ubl.line(2, 1, order_line=1, sku=first, gtin="4006381333931"),
            ubl.line(3, 1, sku=second, gtin=GTIN),
            order=order.number,
        ),
    ) == ["other_product", "other_product", "unknown_line"]


def test_an_order_that_nobody_confirmed_is_not_sent_yet():
    market = made.trade()
    with answered():
        cycle = made.cycle(market)
        made.order(market, [10])
        placed = close(cycle)
    with pytest.raises(NotConfirmed):
        take(market, ubl.advice(ubl.line(1, 10, order_line=1), order=placed.number))


def test_another_factory_does_not_find_the_order():
    market, order = confirmed()
    rival = directory.actor(directory.factory_organization())
    with pytest.raises(UnreadableAdvice, match="no purchase order"):
        take(market, ubl.advice(ubl.line(1, 1, order_line=1), order=order.number), who=rival)


def test_the_api_takes_the_document_and_names_faults(api_as):
    market, order = confirmed()
    client, address = api_as(market.maker), "/api/v1/despatch-advices/ubl/"
    good = ubl.advice(ubl.line(1, 10, order_line=1), order=order.number)
    sent = client.post(address, good, content_type="application/xml")
    assert sent.status_code == 201, sent.content
    assert sent.json()["lines"][0]["quantity"] == 10
    bad = ubl.advice(ubl.line(1, "x"), order=order.number, number="D-2")
    answer = client.post(address, bad, content_type="text/xml")
    assert answer.status_code == 422
    [problem] = answer.json()["errors"]
    assert (problem["code"], problem["field"]) == ("bad_quantity", "DeliveredQuantity")
    assert problem["row"] > 1
