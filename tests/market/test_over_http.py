"""The market traded over the API of a running server, every party with its own key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from b2b.core.actor import acting_as, system
from b2b.directory.models import ApiKey
from b2b.market.remote import play
from b2b.market.remote.client import Client, Refused
from b2b.outbox.dispatch import drain
from b2b.outbox.models import Delivery
from finance.models import Invoice
from orders.models import Order


def test_two_dealers_trade_two_rounds(server: str) -> None:
    result = play.market(server, rounds=2, dealers=2, seed=7, settle=lambda _stage: drain())
    assert result.broken == ()
    assert result.counts["orders"] == 4
    for what in ("purchase orders", "order responses", "despatch advices", "receipts", "trips", "deliveries"):
        assert result.counts[what] > 0, what
    with acting_as(system("test")):
        assert not Delivery.objects.exclude(status="DONE").exists()
        assert Order.objects.filter(status="COMPLETED").exists()
        assert Invoice.objects.exists()
        assert not Invoice.objects.exclude(status="PAID").exists()
        assert not ApiKey.objects.filter(revoked_at__isnull=True).exists(), "the keys of the run live on"


def test_a_stranger_is_refused_by_a_problem(server: str) -> None:
    client = Client(server, "no key")
    with pytest.raises(Refused) as refused:
        next(client.list("orders/"))
    client.close()
    assert refused.value.status == 401


class Moody(BaseHTTPRequestHandler):
    """Hang up, then be busy, then answer; remember the keys that came."""

    keys: list[str | None] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.keys.append(self.headers["Idempotency-Key"])
        if len(self.keys) == 1:
            self.close_connection = True
            return
        busy = len(self.keys) == 2
        body = json.dumps({"code": "busy"} if busy else {"id": "1"}).encode()
        self.send_response(503 if busy else 201)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def moody() -> Iterator[str]:
    Moody.keys = []
    with HTTPServer(("127.0.0.1", 0), Moody) as httpd:
        thread = Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_a_command_is_sent_again_under_the_same_key(moody: str) -> None:
    client = Client(moody, "key")
    assert client.post("orders/", {}, key="once") == {"id": "1"}
    assert Moody.keys == ["once"] * 3
    client.close()
