"""A factory's advice as UBL: matched with the purchase order, or refused with every fault."""

import pytest

from b2b.contracts.orders import DespatchAdvised
from b2b.core.actor import acting_as
from orders.models import DespatchAdvice, PurchaseOrder
from orders.policies.ubl_despatch import UnreadableAdvice
from orders.services import despatch_upload, purchase_order
from tests.factories import catalog, directory
from tests.factories import orders as made
from tests.orders.services.steps import LATER, close, told
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
