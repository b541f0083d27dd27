"""kill -9 of the webhook sender at each step: every event arrives, under one id, and is numbered once."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.directory.models import Organization
from b2b.exchange import sender
from b2b.exchange.models import WebhookMessage, WebhookSubscription
from b2b.exchange.services import fan_out, message, subscription
from tests.exchange.receiver import Receiver, receiving
from tests.exchange.test_feed import tell
from tests.support.eventually import eventually

BY = system("test")
PATIENCE_S = 60
STEPS = {
    "while the events are written": (fan_out, "write"),
    "when the addresses are taken": (message, "claim"),
    "when a message was sent": (sender, "deliver"),
    "when the outcome was recorded": (message, "record"),
}


@pytest.fixture
def receiver(committed_db: str, settings) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with receiving() as served:
        dealer = Organization.objects.create(kind="dealer", code="one", name="one")
        with acting_as(BY):
            subscription.subscribe(dealer, url=served.url, by=BY, at=clock.now())
        for number in ("A", "B"):
            tell(dealer, number)
        yield served


def killed(module: object, name: str) -> None:
    """Run the sender in another process and kill it right after the step."""
    ready, say = os.pipe()
    connections.close_all()
    child = os.fork()
    if child == 0:
        real = getattr(module, name)

        def stop(*given, **named):
            result = real(*given, **named)
            if result or name in ("write", "record"):
                os.write(say, b"!")
                signal.pause()
            return result

        setattr(module, name, stop)
        runs = sender.Sender()
        runs.run()
        os._exit(1)
    try:
        assert select.select([ready], [], [], PATIENCE_S)[0], "the sender never came so far"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(say)


@pytest.mark.parametrize("step", STEPS)
def test_what_a_killed_sender_left_is_sent_by_the_next(receiver: Receiver, step: str) -> None:
    killed(*STEPS[step])
    with acting_as(BY):
        # Its lease runs out.
        WebhookSubscription.objects.exclude(lease_until=None).update(
            lease_until=clock.now() - timedelta(seconds=1)
        )

    def taken() -> bool:
        sender.step()
        with acting_as(BY):
            return WebhookMessage.objects.filter(status="TAKEN").count() == 2

    eventually(taken, seconds=PATIENCE_S)
    with acting_as(BY):
        assert sorted(WebhookMessage.objects.values_list("sequence", flat=True)) == [1, 2]
    bodies: dict[str, set[bytes]] = {}
    for headers, body in receiver.got:
        bodies.setdefault(headers["webhook-id"], set()).add(body)
    assert len(bodies) == 2
    assert all(len(same) == 1 for same in bodies.values())
