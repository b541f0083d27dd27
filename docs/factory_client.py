"""A factory's side of Midstream in one file, to copy and to change.

It answers purchase orders and production signals, by two ways that tell the same events:

* `--listen PORT`: a small web server that Midstream's webhook calls (docs/webhooks.md);
* otherwise it pulls the event feed, and remembers in a file how far it has read.

    pip install requests
    python factory_client.py --url https://midstream.example --key msk_... --capacity 500
    python factory_client.py --url https://midstream.example --key msk_... --listen 8080 --webhook-key whsec_...

Make the key in the desk or with `manage.py issue_token --organization CODE`; it needs the scopes orders:read,
orders:write and events:read. Nothing here is kept but the cursor of the feed: every command carries the id of the event
it answers as its Idempotency-Key, so that an event worked twice has one effect.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

log = logging.getLogger("factory")

PATIENCE_S = 30
ATTEMPTS = 6
TOLERANCE_S = 300  # a webhook older than this is refused: somebody may have recorded it
ORDER_PLACED = "orders.purchase_order.placed.v1"
SIGNAL_RAISED = "orders.production_signal.raised.v1"


class Refused(Exception):
    """Midstream said no: a problem document (RFC 9457) with a stable `code`, and `errors` by line and field."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(
            f"{status} {problem.get('code')}: {problem.get('detail')} {problem.get('errors', '')}"
        )
        self.status, self.code = status, problem.get("code", "")


class Midstream:
    """The API with a key: lost answers are asked for again, busy servers given time, pages followed."""

    def __init__(self, url: str, key: str) -> None:
        self.base = url.rstrip("/") + "/api/v1/"
        self.session = requests.Session()
        self.session.headers.update({"Authorization": f"Bearer {key}", "Accept": "application/json"})

    def get(self, path: str, **query: Any) -> Any:
        """Read one document or page."""
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Any, *, key: str) -> Any:
        """Send a command; the same key again gets the same answer and has no second effect."""
        return self._call("POST", path, json=body, headers={"Idempotency-Key": key})

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield every row of a list."""
        page = self.get(path, **query)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self._call("GET", page["next"])

    def _call(self, method: str, path: str, **more: Any) -> Any:
        address = path if path.startswith("http") else self.base + path
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self.session.request(method, address, timeout=PATIENCE_S, **more)
            except requests.ConnectionError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(0.2 * 2**attempt)
                continue
            if answer.ok:
                return answer.json() if answer.content else {}
            busy = answer.status_code in (429, 502, 503)
            problem = (
                answer.json()
                if "json" in answer.headers.get("Content-Type", "")
                else {"detail": answer.text[:200]}
            )
            if not busy or attempt == ATTEMPTS:
                raise Refused(answer.status_code, problem)
            time.sleep(float(answer.headers.get("Retry-After") or 0.2 * 2**attempt))
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Hang up."""
        self.session.close()


# What this factory can make of a line: (sku, wanted) -> promised, both in base units. Ask your own planning here.
Promise = Callable[[str, int], int]


def up_to(capacity: int) -> Promise:
    """Promise everything up to so many units of a product an order."""
    return lambda _sku, wanted: min(wanted, capacity)


class Factory:
    """Decides what to answer. Both methods may be called again for the same event."""

    def __init__(self, midstream: Midstream, promise: Promise) -> None:
        self.midstream, self.promise = midstream, promise

    def handle(self, event: dict[str, Any]) -> str:
        """Work one event (CloudEvents 1.0) and say what was done; other topics are left alone."""
        if event["type"] == ORDER_PLACED:
            return self.answer_order(event["subject"], key=event["id"])
        if event["type"] == SIGNAL_RAISED:
            return self.commit_signal(event["subject"], key=event["id"])
        return f"nothing to do for {event['type']}"

    def answer_order(self, order_id: str, *, key: str) -> str:
        """Confirm what can be made, line by line; what is short is told with its reason (docs/factory.md)."""
        order = self.midstream.get(f"purchase-orders/{order_id}/")
        if order["status"] != "SENT":
            return f"{order['number']} is {order['status']}: answered before"
        short = []
        for line in order["lines"]:
            promised = self.promise(line["sku"], line["quantity"])
            if promised < line["quantity"]:
                told = {
                    "line_number": line["line_number"],
                    "confirmed_quantity": promised,
                    "reason": "capacity",
                }
                short.append(told)
        body = {"lines": short, "rest": "ACCEPT"}
        self.midstream.post(f"purchase-orders/{order_id}/responses/", body, key=key)
        return f"answered {order['number']}, {len(short)} of {len(order['lines'])} lines short"

    def commit_signal(self, signal_id: str, *, key: str) -> str:
        """Commit to make what a signal asks for, as far as it can be made."""
        signal = self.midstream.get(f"production-signals/{signal_id}/")
        if signal["status"] not in ("SENT", "ACKNOWLEDGED"):
            return f"{signal['number']} is {signal['status']}: nothing to answer"
        lines = [
            {"line_number": line["line_number"], "quantity": self.promise(line["sku"], line["quantity"])}
            for line in signal["lines"]
        ]
        self.midstream.post(
            f"production-signals/{signal_id}/answers/", {"lines": lines, "reason": ""}, key=key
        )
        return f"committed to {signal['number']}"

    def catch_up(self) -> list[str]:
        """Answer every order and signal that waits, whatever became of the events that told of them."""
        orders = list(self.midstream.pages("purchase-orders/", status="SENT"))
        signals = list(self.midstream.pages("production-signals/", status="SENT"))
        return [
            *(self.answer_order(one["id"], key=f"answer-{one['id']}") for one in orders),
            *(self.commit_signal(one["id"], key=f"commit-{one['id']}") for one in signals),
        ]


# --- The pull feed --------------------------------------------------------------------------------------------
def pull(midstream: Midstream, factory: Factory, place: Path) -> int:
    """Work what the feed has to tell since last time; return how many events came.

    The cursor is written after the work: a crash in between means that a page is worked again, which does no harm.
    """
    count = 0
    while True:
        after = place.read_text() if place.exists() else ""
        page = midstream.get("events/", after=after, topic=[ORDER_PLACED, SIGNAL_RAISED], limit=100)
        for event in page["events"]:
            log.info("%s", factory.handle(event))
        place.write_text(page["next"])
        count += len(page["events"])
        if not page["events"]:
            return count


# --- Webhooks -------------------------------------------------------------------------------------------------
def is_genuine(key: str, headers: Any, body: bytes, *, now: float) -> bool:
    """Tell whether Midstream sent this (Standard Webhooks, HMAC), and lately."""
    try:
        sent_at = int(headers["webhook-timestamp"])
        content = f"{headers['webhook-id']}.{sent_at}.".encode() + body
        signatures = headers["webhook-signature"].split()
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    secret = base64.b64decode(key.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
    fits = any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures)
    return fits and abs(now - sent_at) <= TOLERANCE_S


def handler(factory: Factory, key: str) -> type[BaseHTTPRequestHandler]:
    """Return what works the webhooks; put a proxy that speaks https before it.

    It answers 204 when the work is done and 500 when it failed: Midstream then sends the event again. A factory with
    longer work writes the event down, answers, and works it afterwards.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not is_genuine(key, self.headers, body, now=time.time()):
                return self._answer(401)
            try:
                event = json.loads(body)
                if "dataref" in event:  # too large to be sent; this client reads the document anyway
                    log.info("%s comes without its data", event["type"])
                log.info("%s", factory.handle(event))
            except Exception:
                log.exception("the event stays with Midstream and comes again")
                return self._answer(500)
            return self._answer(204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            log.debug(format, *args)

    return Handler


def main() -> None:
    """Run until stopped."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--url", required=True)
    given.add_argument("--key", required=True)
    given.add_argument("--capacity", type=int, default=10**9, help="units of a product an order, at most")
    given.add_argument("--listen", type=int, metavar="PORT")
    given.add_argument("--webhook-key", default="")
    given.add_argument("--cursor", type=Path, default=Path("midstream.cursor"))
    given.add_argument("--every", type=float, default=5, help="seconds between two looks at the feed")
    asked = given.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    midstream = Midstream(asked.url, asked.key)
    factory = Factory(midstream, up_to(asked.capacity))
    for said in factory.catch_up():
        log.info("%s", said)
    if asked.listen:
        address = ("0.0.0.0", asked.listen)  # noqa: S104 - it is meant to be reached
        ThreadingHTTPServer(address, handler(factory, asked.webhook_key)).serve_forever()
    while True:
        pull(midstream, factory, asked.cursor)
        time.sleep(asked.every)


if __name__ == "__main__":
    main()
