"""The pull feed: own events only, public names only, nothing lost to a late commit."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from b2b.contracts.orders import OrderConfirmed, OrderedLine
from b2b.core import clock
from b2b.core.actor import Actor, acting_as, system
from b2b.core.ids import uuid7
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from b2b.exchange.selectors import feed
from b2b.outbox.publish import publish
from tests.support.eventually import eventually


def confirmed(dealer_id: int, number: str) -> OrderConfirmed:
    line = OrderedLine(
        line_id=1, line_number=1, product_id=1, quantity=1, unit_price=1, tax_rate=0, ship_to_site_id=1
    )
    return OrderConfirmed(
        occurred_at=clock.now(),
        order_id=uuid7(),
        number=number,
        version=1,
        dealer_id=dealer_id,
        currency="CNY",
        payment_terms_days=0,
        lines=(line,),
    )


@pytest.fixture
def dealers(committed_db: str) -> tuple[Organization, Organization]:
    one, two = (Organization.objects.create(kind="dealer", code=code, name=code) for code in ("one", "two"))
    return one, two


def tell(dealer: Organization, number: str) -> None:
    with acting_as(system()), unit_of_work():
        publish(confirmed(dealer.pk, number))


def numbers(actor: Actor, after: str = "") -> tuple[list[str], str]:
    with acting_as(actor):
        page = feed.read(actor, after=after)
    return [event["data"]["number"] for event in page.events], page.next


def dealer_actor(dealer: Organization) -> Actor:
    return Actor(kind="dealer", organization_id=dealer.pk, organization_code=dealer.code)


def test_a_party_reads_its_own_events_in_public_names(dealers: tuple[Organization, Organization]) -> None:
    one, two = dealers
    tell(one, "A"), tell(two, "B"), tell(one, "C")
    # The watermark is the server's: a transaction of another test, in another database, holds it while it runs.
    eventually(lambda: numbers(system())[0] == ["A", "B", "C"], said=lambda: numbers(system()))
    assert numbers(dealer_actor(one))[0] == ["A", "C"]
    assert numbers(dealer_actor(two))[0] == ["B"]
    with acting_as(dealer_actor(one)):
        [event, _] = feed.read(dealer_actor(one)).events
    assert event["type"] == "orders.order.confirmed.v1"
    assert event["data"]["dealer"] == "one"
    assert not {"dealer_id", "line_id"} & (set(event["data"]) | set(event["data"]["lines"][0]))


def test_a_late_commit_is_not_lost(dealers: tuple[Organization, Organization]) -> None:
    one, _ = dealers
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with acting_as(system()), unit_of_work():
            publish(confirmed(one.pk, "slow"))
            written.set()
            may_commit.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    tell(one, "quick")
    seen, cursor = numbers(dealer_actor(one))
    assert seen == [], "the quick event waits for the slow one, which began before it"
    may_commit.set()
    thread.join(20)
    eventually(lambda: len(numbers(dealer_actor(one), cursor)[0]) == 2)
    seen, cursor = numbers(dealer_actor(one), cursor)
    assert sorted(seen) == ["quick", "slow"]
    assert numbers(dealer_actor(one), cursor)[0] == []


def test_a_foreign_cursor_is_refused(dealers: tuple[Organization, Organization]) -> None:
    for cursor in ("nonsense", "!!!", "MS4x"):
        with pytest.raises(feed.BadCursor):
            feed.read(system(), after=cursor)
