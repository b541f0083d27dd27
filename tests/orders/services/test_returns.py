"""Who may give what back: in time, what was delivered, once; and what the operator decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b2b.contracts.returns import ReturnAuthorised, ReturnRefused
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.outbox.models import OutboxEvent
from orders.models import OrderLine, ReturnAuthorisation
from orders.policies.returns import WINDOW_DAYS
from orders.services import returns
from orders.services.return_progress import ReturnNotReceived
from orders.services.returns import Decision, NotReturnable, Wanted
from tests.factories.orders import NOW
from tests.factories.returns import PLATFORM, Delivered, come_back, credited, delivered

pytestmark = pytest.mark.django_db


def refusal(goods: Delivered, *lines: Wanted, days: int = 0) -> list[str]:
    """Return the codes of what is wrong with a request."""
    by = goods.market.dealer_actor()
    with acting_as(by), pytest.raises(NotReturnable) as refused:
        returns.request(goods.orders[0], lines=lines, by=by, at=NOW + timedelta(days=days))
    return [problem.code for problem in refused.value.problems]


def test_a_return_is_traced_to_its_shipment_and_its_peg() -> None:
    goods = delivered([60, 40])
    made = goods.asked(7)
    with acting_as(PLATFORM):
        line = made.lines.get()
        peg = goods.line().pegs.get()
        assert (line.peg_id, line.requested, line.approved) == (peg.pk, 7, None)
        assert line.unit_price == goods.line().unit_price
        event = goods.line().quantity_events.get(kind="delivered")
        assert event.source == f"shipment:{line.shipment_id}"


def test_everything_wrong_with_a_request_is_said_at_once() -> None:
    goods = delivered([10])
    assert refusal(goods, Wanted(1, 11, "DAMAGED"), Wanted(1, 1, "DAMAGED"), Wanted(9, 1, "WRONG")) == [
        "more_than_delivered",
        "named_twice",
        "unknown_line",
    ]
    assert refusal(goods) == ["no_lines"]
    assert refusal(goods, Wanted(1, 1, "DAMAGED"), days=WINDOW_DAYS + 1) == ["too_late"]


def test_customised_goods_come_back_only_with_a_defect(holds: object) -> None:
    goods = delivered([10])
    with acting_as(PLATFORM):
        OrderLine.objects.update(options={"engraving": "Lin"})
    assert refusal(goods, Wanted(1, 1, "SURPLUS")) == ["customised"]
    assert goods.asked(1, reason="QUALITY").status == "REQUESTED"


def test_what_is_announced_once_cannot_be_announced_again_until_it_is_given_up() -> None:
    goods = delivered([10])
    first = goods.asked(8)
    assert refusal(goods, Wanted(1, 3, "DAMAGED")) == ["more_than_delivered"]
    by = goods.market.dealer_actor()
    with acting_as(by):
        returns.withdraw(first, reason="found a buyer", by=by, at=NOW)
    second = goods.asked(10)
    with acting_as(PLATFORM):
        returns.refuse(second, reason="no fault found", by=PLATFORM, at=NOW)
        assert OutboxEvent.objects.filter(topic=ReturnRefused.topic).count() == 1
        third = goods.asked(10)
        returns.authorise(third, decisions=[Decision(1, 4)], by=PLATFORM, at=NOW)
    assert goods.asked(6).status == "REQUESTED"


def test_another_dealer_can_neither_ask_nor_withdraw() -> None:
    goods = delivered([10, 10])
    made = goods.asked(1)
    rival = goods.market.dealer_actor(1)
    with acting_as(rival):
        with pytest.raises(Forbidden):
            returns.request(goods.orders[0], lines=[Wanted(1, 1, "WRONG")], by=rival, at=NOW)
        with pytest.raises(Forbidden):
            returns.withdraw(made, by=rival, at=NOW)
        with pytest.raises(Forbidden):
            returns.authorise(made, by=rival, at=NOW)
        assert not ReturnAuthorisation.objects.exists()


def test_the_operator_lowers_lines_but_never_raises_them() -> None:
    goods = delivered([10])
    made = goods.asked(5)
    with acting_as(PLATFORM):
        for wrong in (Decision(1, 6), Decision(2, 1), Decision(1, 0)):
            with pytest.raises(Invalid):
                returns.authorise(made, decisions=[wrong], by=PLATFORM, at=NOW)
        returns.authorise(made, decisions=[Decision(1, 2, "three are fine")], by=PLATFORM, at=NOW)
        told = OutboxEvent.objects.get(topic=ReturnAuthorised.topic)
        assert [line["quantity"] for line in told.payload["lines"]] == [2]
        assert told.payload["warehouse_site_id"] == goods.market.warehouse.pk
        with pytest.raises(IllegalTransition):
            returns.authorise(made, by=PLATFORM, at=NOW)


def test_buckets_follow_the_goods_and_each_fact_counts_once(holds: object) -> None:
    goods = delivered([60, 40])
    made = goods.asked(9)
    with acting_as(PLATFORM):
        returns.authorise(made, by=PLATFORM, at=NOW)
        with pytest.raises(ReturnNotReceived):
            credited(made)
        for _ in range(2):
            come_back(made)
        line = goods.line()
        assert (line.delivered, line.returned, line.invoiced) == (51, 9, 60)
        note = uuid7()
        for _ in range(2):
            credited(made, credit_note_id=note)
        line = goods.line()
        assert (line.delivered, line.returned, line.invoiced) == (51, 9, 51)
        made.refresh_from_db()
        assert (made.status, made.credited_net) == ("CREDITED", 9)
    holds()  # type: ignore[operator]
