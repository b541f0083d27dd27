"""The reference client of factories against a running server: by webhook, by feed, and when things go wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.directory.services import api_key
from b2b.exchange import sender
from b2b.exchange.models import WebhookMessage
from b2b.exchange.services import subscription
from b2b.market.remote.reference import factory_client as client
from orders.models import PurchaseOrder
from orders.services import order_cycle
from tests.factories import orders as ordering
from tests.support.eventually import eventually
from tests.support.order_ports import answered

BY = system("test")


class Works:
    """A factory with an order that waits, its key, and the client that serves it."""

    def __init__(self, server: str) -> None:
        now = clock.now()
        self.market = ordering.trade(products=2)
        self.midstream = client.Midstream(server, self._key())
        self.factory = client.Factory(self.midstream, client.up_to(60))
        self.placed = self.order(now)

    def _key(self) -> str:
        scopes = ["orders:read", "orders:write", "events:read"]
        with acting_as(BY):
            return api_key.issue(self.market.maker, name="ERP", scopes=scopes, by=BY, at=clock.now())[1]

    def order(self, now) -> PurchaseOrder:
        """Let a dealer order and the cycle close."""
        with answered(), acting_as(BY):
            cycle = ordering.cycle(self.market, at=now)
            ordering.order(self.market, [100, 40], at=now)
            [placed] = order_cycle.close(cycle, early=True, by=BY, at=now)
            return placed

    def confirmed(self) -> list[int]:
        """What each line is confirmed with."""
        lines = self.midstream.get(f"purchase-orders/{self.placed.pk}/")["lines"]
        return [line["confirmed"] for line in lines]


@pytest.fixture
def works(server: str) -> Iterator[Works]:
    with answered():
        made = Works(server)
        yield made
    made.midstream.close()


def test_a_webhook_leads_to_an_answer(works: Works, settings, committed_db):
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    listening = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    address = f"http://127.0.0.1:{listening.server_port}/"
    with acting_as(BY):
        _made, key = subscription.subscribe(works.market.maker, url=address, by=BY, at=clock.now())
    listening.RequestHandlerClass = client.handler(works.factory, key)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        works.placed = works.order(clock.now())

        def taken() -> bool:
            sender.step()
            with acting_as(BY):
                found = WebhookMessage.objects.filter(topic=client.ORDER_PLACED).first()
                return found is not None and found.status == "TAKEN"

        eventually(taken, seconds=60)
        forged = requests.post(address, json={"type": client.ORDER_PLACED}, timeout=10)
        assert forged.status_code == 401
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
    assert works.confirmed() == [60, 40]


def test_the_feed_leads_to_an_answer_and_a_crash_repeats_nothing(works: Works, tmp_path):
    place = tmp_path / "cursor"

    def came() -> bool:
        return client.pull(works.midstream, works.factory, place) > 0

    eventually(came, seconds=60)
    assert works.confirmed() == [60, 40]
    place.unlink()  # as if it had died before it wrote the cursor
    assert client.pull(works.midstream, works.factory, place) > 0
    assert works.confirmed() == [60, 40]
    assert len(works.midstream.get(f"purchase-orders/{works.placed.pk}/responses/")["results"]) == 1


def test_catching_up_answers_what_waits(works: Works):
    said = works.factory.catch_up()
    assert any("1 of 2 lines short" in one for one in said)
    assert works.confirmed() == [60, 40]
    assert works.factory.catch_up() == []


def test_a_refusal_names_its_code(works: Works):
    with pytest.raises(client.Refused) as refused:
        works.midstream.post(
            f"purchase-orders/{works.placed.pk}/responses/", {"lines": [{"line_number": 99}]}, key="x"
        )
    assert refused.value.status in (409, 422)
    assert refused.value.code


def test_what_is_old_or_signed_by_another_is_not_genuine():
    from b2b.exchange.policies import signature

    key, now = signature.make_key(signature.HMAC), clock.now()
    headers = signature.headers([key], "m1", now, b"{}")
    assert client.is_genuine(key, headers, b"{}", now=time.time())
    assert not client.is_genuine(key, headers, b"{ }", now=time.time())
    assert not client.is_genuine(key, headers, b"{}", now=time.time() + 301)
    assert not client.is_genuine(signature.make_key(signature.HMAC), headers, b"{}", now=time.time())
    assert not client.is_genuine(key, {}, b"{}", now=time.time())
