"""What is read most: the list of a dealer's orders beside a million lines, and an order of a thousand lines."""

from __future__ import annotations

import http.client
import json
import time
from uuid import UUID

import psycopg
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from b2b.core.actor import acting_as
from b2b.directory.models import Membership, User
from b2b.directory.services import api_key
from benchmarks import limit, web, world
from benchmarks.report import Report, p95
from orders.models import Order
from orders.services import bulk_order

LINES = 1_000_000
LINES_PER_ORDER = 10
LONG = 1_000
CLIENTS = 8
SECONDS = 6.0
PATH = "/api/v1/orders/"


def run(report: Report) -> None:
    """Measure answers a second, the 95th percentile, and how long a long order takes to open."""
    made = world.build(products=50)
    [lines] = report.sizes(LINES)
    first = _order(made, LINES_PER_ORDER)
    with limit.connect() as bare:
        _fill(bare, first.pk, made, orders=max(1, lines // LINES_PER_ORDER))
    long = _order(made, min(LONG, report.most))
    tokens = [
        api_key.issue(
            one, name="benchmark", scopes=["orders:read"], by=world.BY, at=world.AT, lifetime_days=2
        )[1]
        for one in made.dealers
    ]
    with web.serving() as port:
        web.storm(port, PATH, tokens, clients=2, seconds=min(1.0, SECONDS))
        for clients, most_ms in ((2, 100), (CLIENTS, 100)):
            took, spent = web.storm(port, PATH, tokens, clients=clients, seconds=SECONDS)
            name = f"GET orders, 50 beside so many lines, {clients} clients"
            report.pace(name, lines, len(spent) / took, unit="requests/s", at_least=150)
            report.duration(f"{name}, p95", lines, p95(spent) * 1000, at_most_ms=most_ms)
        size = long.lines.count()
        report.duration(
            "an order of so many lines opens in the API",
            size,
            _opened(port, f"{PATH}{long.pk}/", tokens[0]),
            at_most_ms=1000,
        )
    report.duration("an order of so many lines opens in the admin", size, _page(long, made), at_most_ms=1000)


def _order(made: world.World, size: int) -> Order:
    who = made.dealer_actor()
    rows = bulk_order.rows_of({"sku": made.sku(n), "quantity": 5} for n in range(size))
    with acting_as(who):
        return bulk_order.submit(
            rows, dealer=made.dealers[0], ship_to=made.shops[0], by=who, at=world.AT
        ).order


def _fill(bare: psycopg.Connection, first: UUID, made: world.World, *, orders: int) -> None:
    """Write so many copies of an order with its lines, of all dealers in turn, as the administrator."""
    dealers = f"(ARRAY[{', '.join(str(one.pk) for one in made.dealers)}])[1 + n % {len(made.dealers)}]"
    limit.clone(
        bare, "orders_order", where=f"id = '{first}'", count=orders, id="midstream_uuid7()",
        number="'SO-BENCH-' || n", dealer_id=dealers, created_at="model.created_at - n * interval '1 second'",
        updated_at="model.updated_at - n * interval '1 second'",
    )  # fmt: skip
    names = limit.columns(bare, "orders_orderline")
    taken = {"order_id": "one.id", "dealer_id": "one.dealer_id"}
    bare.execute(
        f"""
        INSERT INTO orders_orderline ({", ".join(names)})
        SELECT {", ".join(taken.get(name, f"model.{name}") for name in names)}
        FROM orders_order one CROSS JOIN orders_orderline model
        WHERE one.number LIKE 'SO-BENCH-%%' AND model.order_id = %s
        """,
        [first],
    )
    bare.execute("VACUUM ANALYZE orders_order, orders_orderline")


def _opened(port: int, path: str, token: str) -> float:
    """Read an order and all pages of its lines over one connection; return the milliseconds."""
    client = http.client.HTTPConnection(web.HOST, port, timeout=60)

    def read(address: str) -> dict[str, object]:
        client.request("GET", address, headers={"Authorization": f"Bearer {token}"})
        answer = client.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise web.NotServed(f"{answer.status}: {body[:200]!r}")
        return dict(json.loads(body))

    read(path)
    start = time.perf_counter()
    read(path)
    following: object = f"{path}lines/?page_size=200"
    while following:
        following = read(str(following))["next"]
    client.close()
    return (time.perf_counter() - start) * 1000


def _page(order: Order, made: world.World) -> float:
    """Open an order on its dealer's desk, as a person does; return the milliseconds."""
    person = User.objects.create_user("benchmark")
    Membership.objects.create(user=person, organization=made.dealers[0])
    client = Client(headers={"host": web.HOST})
    client.force_login(person)
    address = reverse("dealer:orders_order_change", args=[order.pk])
    # The manifest of static files is made at deployment; the page costs the same without.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        client.get(address)
        start = time.perf_counter()
        answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return (time.perf_counter() - start) * 1000
