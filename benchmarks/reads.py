"""The list of a dealer's orders through the web server, asked for by several programs at once."""

from __future__ import annotations

from b2b.core.actor import acting_as
from b2b.directory.services import api_key
from benchmarks import limit, web, world
from benchmarks.report import Report, p95
from orders.services import bulk_order

ORDERS = 100_000
LINES = 10
CLIENTS = 8
SECONDS = 6.0


def run(report: Report) -> None:
    """Measure answers a second and the 95th percentile; each dealer stays below its rate limit."""
    made = world.build(products=50)
    who = made.dealer_actor()
    rows = bulk_order.rows_of({"sku": made.sku(n), "quantity": 5} for n in range(LINES))
    with acting_as(who):
        first = bulk_order.submit(
            rows, dealer=made.dealers[0], ship_to=made.shops[0], by=who, at=world.AT
        ).order
    [size] = report.sizes(ORDERS)
    dealers = f"(ARRAY[{', '.join(str(one.pk) for one in made.dealers)}])[1 + n % {len(made.dealers)}]"
    with limit.connect() as bare:
        limit.clone(
            bare, "orders_order", where=f"id = '{first.pk}'", count=size, id="midstream_uuid7()",
            number="'SO-BENCH-' || n", dealer_id=dealers, created_at="model.created_at - n * interval '1 second'",
            updated_at="model.updated_at - n * interval '1 second'",
        )  # fmt: skip
        bare.execute("VACUUM ANALYZE orders_order")
    tokens = [
        api_key.issue(
            one, name="benchmark", scopes=["orders:read"], by=world.BY, at=world.AT, lifetime_days=2
        )[1]
        for one in made.dealers
    ]
    with web.serving() as port:
        path = "/api/v1/orders/"
        web.storm(port, path, tokens, clients=2, seconds=min(1.0, SECONDS))
        took, spent = web.storm(port, path, tokens, clients=CLIENTS, seconds=SECONDS)
    name = f"GET orders, 50 of so many, {CLIENTS} clients"
    report.pace(name, size, len(spent) / took, unit="requests/s", at_least=600)
    report.duration(f"{name}, p95", size, p95(spent) * 1000, at_most_ms=60)
