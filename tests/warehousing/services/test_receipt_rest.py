"""A receipt that is being counted: its rest still comes, and what scans teach its lines is written at once."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import catalog
from tests.factories.warehousing import BY, World
from warehousing.models import Receipt, ReceiptLine
from warehousing.selectors import availability
from warehousing.services import receipt, receipt_closing, receipt_scan
from warehousing.services.receipt_scan import Seen

GTIN = "09521234000013"


@pytest.fixture
def due(world: World, at: datetime) -> Receipt:
    """Ten and twenty units of one product on their way, of two purchase lines."""
    world.product = catalog.product(gtin=GTIN)
    return receipt.expect(world.advice((world.product, 10), (world.product, 20)), by=BY, at=at)


def expected(world: World, at: datetime) -> tuple[int, int]:
    """What comes, and what could be promised in all."""
    [one] = availability.at(BY, [(world.product.pk, world.warehouse.site_id, at.date())], today=at.date())
    return one.expected, one.available


def scan(due: Receipt, at: datetime, **seen: object) -> None:
    receipt_scan.scan(due.pk, Seen(GTIN, **seen), by=BY, at=at)  # type: ignore[arg-type]


def test_the_rest_of_a_receipt_that_is_counted_in_parts_still_comes(
    world: World, at: datetime, due: Receipt
) -> None:
    assert expected(world, at) == (30, 30)
    scan(due, at, quantity=12)
    assert expected(world, at) == (30, 30), "counted, and not yet booked"
    receipt_closing.book(due.pk, by=BY, at=at)
    assert expected(world, at) == (18, 30)
    scan(due, at, quantity=3, damaged=True, reason="crushed")
    assert expected(world, at) == (15, 27), "what is known to be damaged does not come good"
    receipt_closing.book(due.pk, by=BY, at=at)
    assert expected(world, at) == (15, 27)
    receipt_closing.close(due.pk, by=BY, at=at)
    assert expected(world, at) == (0, 12)


def test_another_lot_of_a_line_is_not_expected_twice(world: World, at: datetime, due: Receipt) -> None:
    ReceiptLine.objects.filter(receipt=due).update(lot_number="L0")
    scan(due, at, quantity=10, lot_number="L1")
    receipt_closing.book(due.pk, by=BY, at=at)
    assert ReceiptLine.objects.filter(receipt=due).count() == 3
    assert expected(world, at) == (20, 30)


def counted(world: World, at: datetime, lines: int, advised_lot: str) -> tuple[int, list[int]]:
    """Count a lot over so many lines; return what it cost, and the numbers of the lines of that lot."""
    made = receipt.expect(world.advice(*[(world.product, 2)] * lines, lot_number=advised_lot), by=BY, at=at)
    with CaptureQueriesContext(connection) as queries:
        scan(made, at, quantity=2 * lines, lot_number="NEW", expiry_date=date(2030, 1, 31))
    learned = ReceiptLine.objects.filter(receipt=made, lot_number="NEW", expiry_date=date(2030, 1, 31))
    assert {one.line.lot_number for one in made.scans.select_related("line")} == {"NEW"}
    return len(queries), list(learned.order_by("line_number").values_list("line_number", flat=True))


@pytest.mark.parametrize(("advised_lot", "after"), [("", 0), ("OLD", 12)])
def test_what_lines_learn_is_one_statement_however_many_they_are(
    world: World, at: datetime, due: Receipt, advised_lot: str, after: int
) -> None:
    counted(world, at, 2, advised_lot)
    few, _ = counted(world, at, 2, advised_lot)
    many, numbers = counted(world, at, 12, advised_lot)
    assert few == many
    assert numbers == [after + number for number in range(1, 13)], "they learn it, or get a line beside them"
