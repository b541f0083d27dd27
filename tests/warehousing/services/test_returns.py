"""What left comes back lot by lot, once, into quarantine, and goes where inspection says."""

from __future__ import annotations

import pytest

from b2b.contracts.returns import AuthorisedReturnLine, ReturnAuthorised
from b2b.contracts.warehousing import ReturnDisposed, ReturnReceived
from b2b.core.errors import Invalid
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import AT, BY, World
from warehousing.models import PackageLine, Quant, ReturnReceipt
from warehousing.selectors import as_of
from warehousing.services import disposition, returns
from warehousing.services.disposition import Disposition
from warehousing.services.returns import Count, NotShipped


def leave(world: World, quantity: int, *, gone: bool = True) -> ReturnAuthorised:
    """Let a dealer send back units of what left (or of nothing that did)."""
    told = world.gone(10)
    line = AuthorisedReturnLine(
        return_line_id=1,
        order_line_id=told.lines[0].order_line_id if gone else 4242,
        product_id=world.product.pk,
        shipment_id=told.shipment_id,
        quantity=quantity,
        reason="DAMAGED",
    )
    return ReturnAuthorised(
        occurred_at=AT,
        return_id=uuid7(),
        number="RT-1",
        order_id=told.lines[0].order_id,
        dealer_id=world.dealer.pk,
        warehouse_site_id=world.warehouse.site_id,
        lines=(line,),
    )


def held(world: World, kind: str) -> int:
    return sum(Quant.objects.filter(location=world.places[kind]).values_list("on_hand", flat=True))


def test_returned_goods_are_counted_into_quarantine_and_disposed_of(world: World) -> None:
    told = leave(world, 6)
    receipt = returns.expect(told, by=BY, at=AT)
    assert returns.expect(told, by=BY, at=AT) == receipt, "told twice, expected once"
    with pytest.raises(IllegalTransition):
        disposition.dispose(receipt.pk, dispositions=[Disposition(1, scrap=1)], by=BY, at=AT)
    returns.receive(receipt.pk, counts=[Count(1, 5)], by=BY, at=AT)
    assert held(world, "QUALITY") == 5
    customer = world.places["CUSTOMER"].pk
    assert as_of.balance(BY, product_id=world.product.pk, location_id=customer, at=AT) == 5
    assert OutboxEvent.objects.get(topic=ReturnReceived.topic).payload["lines"][0]["quantity"] == 5

    disposition.dispose(receipt.pk, dispositions=[Disposition(1, restock=2)], by=BY, at=AT)
    with pytest.raises(Invalid):
        disposition.dispose(receipt.pk, dispositions=[Disposition(1, restock=4)], by=BY, at=AT)
    parts = [Disposition(1, scrap=1, send_back=2)]
    assert disposition.dispose(receipt.pk, dispositions=parts, by=BY, at=AT).status == "DISPOSED"
    assert (held(world, "QUALITY"), held(world, "STORAGE")) == (0, 2)
    totals = OutboxEvent.objects.filter(topic=ReturnDisposed.topic).latest("pk").payload["lines"][0]
    assert (totals["restocked_quantity"], totals["scrapped_quantity"], totals["sent_back_quantity"]) == (
        2,
        1,
        2,
    )


def test_nothing_comes_back_that_has_not_left(world: World) -> None:
    with pytest.raises(NotShipped):
        returns.expect(leave(world, 1, gone=False), by=BY, at=AT)
    with pytest.raises(NotShipped):
        returns.expect(leave(world, 11), by=BY, at=AT)
    assert not ReturnReceipt.objects.exists()


def test_a_count_within_what_was_expected(world: World) -> None:
    receipt = returns.expect(leave(world, 3), by=BY, at=AT)
    with pytest.raises(Invalid) as refused:
        returns.receive(receipt.pk, counts=[Count(1, 4), Count(1, 1), Count(7, 1)], by=BY, at=AT)
    assert [problem.code for problem in refused.value.problems] == [
        "not_within",
        "named_twice",
        "unknown_line",
    ]
    assert returns.receive(receipt.pk, counts=[], by=BY, at=AT).status == "CANCELLED"


def test_goods_come_back_with_the_lot_they_left_with(world: World) -> None:
    lot = world.lot()
    world.stock(4, lot=lot)
    told = world.gone(8, short=8)
    packed = list(PackageLine.objects.order_by("pk").values_list("lot_id", "quantity"))
    receipt = returns.expect_refused(told, by=BY, at=AT)
    assert receipt is not None
    assert list(receipt.lines.order_by("line_number").values_list("lot_id", "expected_quantity")) == packed
