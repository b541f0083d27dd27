"""What is written out by hand is what the declared members would show."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rest_framework.serializers import Serializer

from b2b.catalog.models import Product
from b2b.core.errors import Problem
from b2b.directory.models import Organization, Site
from orders.models import Order, OrderLine
from orders.policies.pricing import Break
from orders.policies.row_result import RowResult
from orders.rest.shapes.bulk import RowShape
from orders.rest.shapes.bulk_answer import answer
from orders.rest.shapes.order import LineShape, OrderShape

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


def test_an_answer_shows_rows_as_their_shape_does() -> None:
    kind = object()
    one = RowResult(row=3, sku="A", entered_quantity=2, quantity=24, unit_price=Decimal("8.5"), kind=kind)
    rows = (
        one,
        one._replace(row=4, quantity=36, net_amount=Decimal("306.00"), same_as_row=3),
        one._replace(row=5, problems=(FAULT,)),
        RowResult(row=6, sku='"B"', next_break=Break(100, Decimal("7.25")), kind=object()),
        RowResult(row=7),
    )
    assert json.loads(answer({"currency": "CNY"}, rows)) == {
        "currency": "CNY",
        "rows": json.loads(json.dumps(RowShape(rows, many=True).data)),
    }
    assert json.loads(answer({"currency": "CNY"}, ())) == {"currency": "CNY", "rows": []}


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


@pytest.mark.parametrize("told", [None, Decimal("12.5")])
@pytest.mark.parametrize("left_out", [(), ("options", "tax_rate", "shipped")])
def test_a_line_shows_its_declared_members(told: Decimal | None, left_out: tuple[str, ...]) -> None:
    line = OrderLine(
        line_number=3,
        product=Product(sku="A-1"),
        ship_to_site=Site(code="S1"),
        quantity=24,
        entered_quantity=2,
        entered_unit="CT",
        pack_units=12,
        unit_price=Decimal("8.5"),
        solo_unit_price=Decimal(10),
        tax_rate=Decimal("0.13"),
        net_amount=Decimal("204.00"),
        tax_amount=Decimal("26.52"),
        need_by_date=date(2026, 12, 1) if told else None,
        max_unit_price=told,
        withdrawable_until=AT if told else None,
        options={"colour": "red"},
        waiting_reason="",
        requested=24,
        shipped=12,
    )
    line.cancel_requested = 5  # type: ignore[attr-defined]
    line.given_up = 3  # type: ignore[attr-defined]
    shape = LineShape()
    for name in left_out:
        shape.fields.pop(name)
    assert shape.to_representation(line) == Serializer.to_representation(shape, line)
