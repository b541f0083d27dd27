"""What a factory's EPCIS event says it sent stands for its despatch advice."""

from uuid import NAMESPACE_URL, uuid5

import pytest

from b2b.contracts.warehousing import GoodsShipped, ShippedLine
from b2b.core.actor import acting_as, system
from b2b.core.errors import Invalid, NotYet
from orders import handlers
from orders.models import DespatchAdvice
from orders.services.despatch_advice import InvalidDespatch, NotConfirmed
from tests.factories import directory
from tests.factories import orders as made
from tests.orders.services.steps import LATER, close
from tests.orders.services.test_despatch_upload import in_windows
from tests.support.order_ports import answered

pytestmark = pytest.mark.django_db
EVENT = "ni:///sha-256;" + "a1" * 32 + "?ver=CBV2.0"


def shipped(market, order, *lines, event=EVENT, factory=None, number=None):
    return GoodsShipped(
        occurred_at=LATER,
        shipping_id=uuid5(NAMESPACE_URL, event),
        event_id=event,
        factory_id=factory or market.maker.pk,
        purchase_order_number=number or order.number,
        shipped_at=LATER,
        lines=tuple(
            ShippedLine(product_id=market.products[0].pk, quantity=quantity, lot_number=lot) for quantity, lot in lines
        ),
    )  # fmt: skip


def tell(event):
    with acting_as(system("orders")):
        handlers.advise_shipped(event)


def test_it_fills_the_windows_of_a_product_from_the_first_once_however_often_it_is_told():
    market, order = in_windows(30, 20)
    for _ in range(2):
        tell(shipped(market, order, (25, "L1"), (25, "L2")))
    advice = DespatchAdvice.objects.get()
    lines = advice.lines.order_by("line_number")
    assert list(lines.values_list("purchase_order_line__line_number", "quantity", "lot_number")) == [
        (1, 25, "L1"), (1, 5, "L2"), (2, 20, "L2"),
    ]  # fmt: skip
    assert advice.external_reference == "a1" * 32
    assert list(order.lines.order_by("line_number").values_list("despatched", flat=True)) == [30, 20]


def test_more_than_was_confirmed_is_refused():
    market, order = in_windows(30, 20)
    with pytest.raises(InvalidDespatch):
        tell(shipped(market, order, (51, "")))
    assert not DespatchAdvice.objects.exists()


def test_goods_that_the_order_does_not_name_are_refused():
    market, order = in_windows(30)
    other = made.trade()
    event = shipped(other, order, (1, ""), factory=market.maker.pk)
    with pytest.raises(Invalid, match="does not order what was shipped"):
        tell(event)


def test_an_order_of_another_factory_is_waited_for_in_vain():
    market, order = in_windows(30)
    rival = directory.factory_organization()
    with pytest.raises(NotYet):
        tell(shipped(market, order, (1, ""), factory=rival.pk))
    assert not DespatchAdvice.objects.exists()


def test_an_order_that_nobody_confirmed_is_told_of_again_later():
    market = made.trade()
    with answered():
        cycle = made.cycle(market)
        made.order(market, [10])
        placed = close(cycle)
    with pytest.raises(NotConfirmed):
        tell(shipped(market, placed, (10, "")))
