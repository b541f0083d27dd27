"""What is written out by hand is what the declared members would show."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rest_framework.serializers import Serializer

from b2b.core.errors import Problem
from b2b.directory.models import Organization, Site
from orders.models import Order
from orders.policies.pricing import Break
from orders.policies.row_result import RowResult
from orders.rest.shapes.bulk import RowShape
from orders.rest.shapes.order import OrderShape

AT = datetime(2026, 11, 22, 9, 30, 15, 120, tzinfo=UTC)
FAULT = Problem(code="x", message="y", row=2, field="sku", remedy="z")


@pytest.mark.parametrize(
    "row",
    [
        RowResult(row=1),
        RowResult(row=2, sku="A", problems=(FAULT, FAULT)),
        RowResult(
            row=3,
            sku="A",
            entered_quantity=2,
            entered_unit="CT",
            quantity=24,
            unit_price=Decimal("8.5"),
            net_amount=Decimal("204.00"),
            available=7,
            expected_date=date(2026, 11, 30),
            next_break=Break(100, Decimal("7.25")),
        ),
    ],
)
def test_a_row_shows_its_declared_members(row: RowResult) -> None:
    shape = RowShape()
    assert shape.to_representation(row) == Serializer.to_representation(shape, row)


@pytest.mark.parametrize("confirmed_at", [AT, None])
@pytest.mark.parametrize("left_out", [(), ("total_net", "dealer")])
def test_an_order_shows_its_declared_members(
    confirmed_at: datetime | None, left_out: tuple[str, ...]
) -> None:
    order = Order(
        number="SO-1",
        dealer=Organization(code="D1"),
        ship_to_site=Site(code="S1"),
        currency="CNY",
        total_net=Decimal("100.5"),
        total_tax=Decimal(13),
        total_gross=Decimal("113.5"),
        created_at=AT,
        confirmed_at=confirmed_at,
        updated_at=AT,
    )
    shape = OrderShape()
    for name in left_out:
        shape.fields.pop(name)
    assert shape.to_representation(order) == Serializer.to_representation(shape, order)
