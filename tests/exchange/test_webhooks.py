"""From an event to a party's own system: signed, in order, again when it fails, and never anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.directory.models import Organization
from b2b.exchange import sender
from b2b.exchange.models import WebhookAttempt, WebhookKey, WebhookMessage, WebhookSubscription
from b2b.exchange.policies import signature
from b2b.exchange.services import fan_out, message, subscription
from tests.exchange.receiver import Receiver, receiving
from tests.exchange.test_feed import tell
from tests.support.eventually import eventually

BY = system("test")
ORDERED = "orders.order.confirmed.v1"


@pytest.fixture(autouse=True)
def local(settings) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as served:
        yield served


@pytest.fixture
def dealer(committed_db: str) -> Organization:
    return Organization.objects.create(kind="dealer", code="one", name="one")


def listen(party: Organization, url: str, **more) -> tuple[WebhookSubscription, str]:
    with acting_as(BY):
        return subscription.subscribe(party, url=url, by=BY, at=clock.now(), **more)


def run(wanted: int = 0, receiver: Receiver | None = None) -> None:
    """Send until nothing is left, or so many have come: other tests' transactions hold the watermark back."""

    def done() -> bool:
        while sender.step():
            pass
        return receiver is None or len(receiver.got) >= wanted

    eventually(done, seconds=30)


def messages() -> list[WebhookMessage]:
    with acting_as(BY):
        return list(WebhookMessage.objects.order_by("sequence"))


def at_once() -> None:
    """Make everything due now."""
    with acting_as(BY):
        now = clock.now()
        WebhookMessage.objects.filter(status="PENDING").update(due_at=now)
        WebhookSubscription.objects.update(free_at=now)


@pytest.mark.parametrize("scheme", signature.SCHEMES)
def test_an_event_reaches_its_party_signed_and_numbered(dealer, receiver, scheme):
    made, key = listen(dealer, receiver.url, scheme=scheme)
    for number in ("A", "B", "C"):
        tell(dealer, number)
    run(3, receiver)
    assert [event["data"]["number"] for event in receiver.events] == ["A", "B", "C"]
    assert [event["sequence"] for event in receiver.events] == ["1", "2", "3"]
    for headers, body in receiver.got:
        signature.verify(key, headers, body, now=clock.now())
        assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    event = receiver.events[0]
    assert event["specversion"] == "1.0"
    assert event["type"] == ORDERED
    assert event["subject"] == event["partitionkey"] == event["data"]["order_id"]
    assert event["data"]["dealer"] == "one"
    assert "dealer_id" not in event["data"]
    assert {one.status for one in messages()} == {"TAKEN"}
    with acting_as(BY):
        assert WebhookAttempt.objects.count() == 3
        assert made.keys.get().sealed.find(key[8:20]) == -1


def test_nobody_hears_what_concerns_somebody_else_or_what_was_not_asked_for(dealer, receiver):
    other = Organization.objects.create(kind="dealer", code="two", name="two")
    listen(dealer, receiver.url, topics=[ORDERED])
    listen(dealer, receiver.url, topics=["finance.invoice.issued.v1"])
    listen(other, receiver.url)
    platform = Organization.objects.create(kind="operator", code="us", name="us")
    listen(platform, receiver.url, description="all")
    tell(dealer, "A")
    run(2, receiver)
    with acting_as(BY):
        told = {one.organization.code for one in WebhookMessage.objects.select_related("organization")}
    assert told == {"one", "us"}


def test_what_was_told_before_the_subscription_is_not_sent(dealer, receiver):
    tell(dealer, "before")
    listen(dealer, receiver.url)
    tell(dealer, "after")
    run(1, receiver)
    assert [event["data"]["number"] for event in receiver.events] == ["after"]


def test_the_statements_do_not_grow_with_events_or_listeners(dealer, receiver):
    def counted(events: int) -> int:
        for number in range(events):
            tell(dealer, str(number))
        seen = messages()

        def spread() -> bool:
            with acting_as(BY), CaptureQueriesContext(connection) as queries:
                fan_out.spread(at=clock.now())
            counted.last = len(queries)
            return len(messages()) > len(seen)

        eventually(spread, seconds=30)
        return counted.last

    listen(dealer, receiver.url)
    few = counted(1)
    for _ in range(5):
        listen(dealer, receiver.url)
    assert counted(40) <= few


def test_a_failure_is_tried_again_and_what_follows_it_waits_its_turn(dealer, receiver):
    receiver.answers = [(500, {}), (200, {})]
    made, _ = listen(dealer, receiver.url)
    tell(dealer, "A")
    tell(dealer, "B")
    run(1, receiver)
    first, second = messages()
    assert (first.status, first.attempts, first.last_error) == ("PENDING", 1, "heard")
    assert timedelta(seconds=4) < first.due_at - clock.now() < timedelta(seconds=6)
    assert (second.status, second.attempts) == ("PENDING", 0)
    with acting_as(BY):
        made.refresh_from_db()
    assert made.failures == 1
    assert made.free_at > clock.now()
    at_once()
    run(3, receiver)
    assert [event["data"]["number"] for event in receiver.events] == ["A", "A", "B"]
    assert receiver.got[0][1] == receiver.got[1][1]
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    with acting_as(BY):
        made.refresh_from_db()
    assert (made.failures, made.failing_since) == (0, None)


def test_after_ten_attempts_a_message_is_given_up_and_may_be_sent_again(dealer, receiver):
    receiver.answers = [(503, {})]
    listen(dealer, receiver.url)
    tell(dealer, "A")
    run(1, receiver)
    for _ in range(9):
        at_once()
        run()
    assert len(receiver.got) == 10
    [dead] = messages()
    assert (dead.status, dead.attempts) == ("DEAD", 10)
    at_once()
    run()
    assert len(receiver.got) == 10
    receiver.answers = [(200, {})]
    with acting_as(BY):
        message.replay(dead.pk, by=BY, at=clock.now())
    run(11, receiver)
    assert messages()[0].status == "TAKEN"


def test_gone_ends_the_sending_and_resuming_starts_it_again(dealer, receiver):
    receiver.answers = [(410, {}), (200, {})]
    made, _ = listen(dealer, receiver.url)
    tell(dealer, "A")
    run(1, receiver)
    with acting_as(BY):
        made.refresh_from_db()
        assert made.status == "DISABLED"
        subscription.move(made.pk, "resume", by=BY, at=clock.now())
    at_once()
    run(2, receiver)
    assert messages()[0].status == "TAKEN"


def test_an_address_that_fails_for_days_is_disabled(dealer, receiver):
    receiver.answers = [(500, {})]
    made, _ = listen(dealer, receiver.url)
    tell(dealer, "A")
    run(1, receiver)
    with acting_as(BY):
        made.refresh_from_db()
        long_ago = made.failing_since - message.DISABLED_AFTER - timedelta(hours=1)
        WebhookSubscription.objects.update(failing_since=long_ago)
    at_once()
    run(2, receiver)
    with acting_as(BY):
        made.refresh_from_db()
    assert made.status == "DISABLED"


def test_while_paused_messages_wait(dealer, receiver):
    made, _ = listen(dealer, receiver.url)
    with acting_as(BY):
        subscription.move(made.pk, "pause", by=BY, at=clock.now())
    tell(dealer, "A")

    def written() -> bool:
        sender.step()
        return len(messages()) == 1

    eventually(written, seconds=30)
    run()
    assert receiver.got == []
    with acting_as(BY):
        subscription.move(made.pk, "resume", by=BY, at=clock.now())
    run(1, receiver)


def test_a_new_key_signs_beside_the_old_one_for_a_day(dealer, receiver):
    made, old = listen(dealer, receiver.url)
    with acting_as(BY):
        _, new = subscription.rotate_key(made.pk, by=BY, at=clock.now())
    tell(dealer, "A")
    run(1, receiver)
    headers, body = receiver.got[0]
    for key in (old, new):
        signature.verify(key, headers, body, now=clock.now())
    with acting_as(BY):
        WebhookKey.objects.exclude(expires_at=None).update(expires_at=clock.now() - timedelta(seconds=1))
        fan_out.send_test(made.pk, at=clock.now())
    run(2, receiver)
    headers, body = receiver.got[1]
    signature.verify(new, headers, body, now=clock.now())
    with pytest.raises(signature.BadSignature):
        signature.verify(old, headers, body, now=clock.now())


def test_a_span_is_sent_again_with_what_came_before_the_subscription(dealer, receiver):
    began = clock.now()
    tell(dealer, "before")
    made, _ = listen(dealer, receiver.url)
    tell(dealer, "after")
    run(1, receiver)

    def again() -> bool:
        with acting_as(BY):
            return message.replay_span(made.pk, since=began, until=clock.now(), by=BY, at=clock.now()) == 2

    eventually(again, seconds=30)
    run(3, receiver)
    assert sorted(event["data"]["number"] for event in receiver.events[1:]) == ["after", "before"]
    with acting_as(BY):
        assert WebhookMessage.objects.count() == 2


def test_a_large_event_is_fetched_and_not_sent(dealer, receiver):
    listen(dealer, receiver.url)
    tell(dealer, "A" * fan_out.LARGEST_BODY)
    run(1, receiver)
    [event] = receiver.events
    assert "data" not in event
    assert event["dataref"] == f"/api/v1/events/{event['id']}/"


def test_a_lane_that_lost_its_sender_is_taken_up_again_with_the_same_ids(dealer, receiver):
    listen(dealer, receiver.url)
    tell(dealer, "A")

    def claimed() -> bool:
        with acting_as(BY):
            fan_out.spread(at=clock.now())
            return bool(message.claim(at=clock.now(), limit=5))

    eventually(claimed, seconds=30)
    run()
    assert receiver.got == []
    with acting_as(BY):
        [lane] = message.claim(at=clock.now() + message.LEASE + timedelta(seconds=1), limit=5)
    assert [due.sequence for due in lane.messages] == [1]
