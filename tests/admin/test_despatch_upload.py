"""The operator uploads a factory's despatch advice: sees what it brings line by line, and only then takes it."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from b2b.core.actor import acting_as
from orders.models import DespatchAdvice, PurchaseOrder
from orders.services import despatch_preview
from tests.admin.test_admin_tenancy import demote
from tests.admin.test_day import Desk, order_list
from tests.support import ubl
from tests.support.trade_day import TEST, Market, open_market


@pytest.fixture
def desk(db: None) -> Desk:
    """An operator with a purchase order that the factory confirmed: 30 of one product, 24 of another."""
    market: Market = open_market()
    operator = Desk("operator", "operator")
    order_list(Desk("dealer", "dealer"))
    operator.press("orders_ordercycle", market.cycle.pk, "close")
    with acting_as(TEST):
        placed = PurchaseOrder.objects.get()
        wanted = {f"line_{line.line_number}": line.quantity for line in placed.lines.all()}
    operator.press("orders_purchaseorder", placed.pk, "answer", note="by telephone", **wanted)
    return operator


def number() -> str:
    with acting_as(TEST):
        return PurchaseOrder.objects.get().number


def upload(desk: Desk, content: bytes) -> str:
    file = SimpleUploadedFile("advice.xml", content, "application/xml")
    return desk.client.post(reverse("operator:upload_despatch"), {"file": file}).content.decode()


def taken() -> list[str]:
    with acting_as(TEST):
        return list(DespatchAdvice.objects.values_list("external_reference", flat=True))


def sealed(page: str) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', page)
    return found[1] if found else ""


def test_what_was_seen_is_taken_once(desk: Desk) -> None:
    pallet = ubl.sscc(1)
    content = ubl.advice(
        ubl.line(1, 5, order_line=1, lot="L-77", expiry="2027-06-30", units=ubl.unit(pallet)), order=number()
    )
    page = upload(desk, content)
    assert "Everything fits" in page
    for shown in (number(), "L-77", pallet, "D-1"):
        assert shown in page
    assert taken() == []
    for _ in range(2):
        after = desk.client.post(reverse("operator:upload_despatch"), {"sealed": sealed(page)}, follow=True)
        assert "the warehouse expects the goods" in after.content.decode()
    assert taken() == ["D-1"]
    assert "was taken before" in upload(desk, content)


def test_every_line_shows_its_faults_and_nothing_can_be_taken(desk: Desk) -> None:
    content = ubl.advice(
        ubl.line(1, 5, order_line=1),
        ubl.line(2, 1, order_line=9),
        ubl.line(3, 10**6, order_line=2),
        order=number(),
    )
    page = upload(desk, content)
    assert "2 faults" in page
    assert "the purchase order has no line 9" in page
    assert "more than is confirmed" in page
    assert sealed(page) == ""
    rows = re.findall(r"<tr><td.*?</tr>", page, re.DOTALL)
    assert "no line 9" in rows[0] or "more than" in rows[0], "faulty lines first"
    assert taken() == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<Invoice/>", "no DespatchAdvice"),
        (b"<", "Line of the file"),
        (ubl.advice(ubl.line(1, "x", order_line=1), order="PO-0"), "DeliveredQuantity"),
        (ubl.advice(ubl.line(1, 1, order_line=1), order="PO-0"), "this order is unknown"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "What helps"),
    ],
)
def test_a_file_that_is_no_advice_says_why(desk: Desk, content: bytes, fault: str) -> None:
    page = upload(desk, content)
    assert "What is wrong with the document" in page
    assert fault in page
    assert sealed(page) == ""


def test_a_preview_that_was_changed_is_not_taken(desk: Desk) -> None:
    page = upload(desk, ubl.advice(ubl.line(1, 5, order_line=1), order=number()))
    answer = desk.client.post(reverse("operator:upload_despatch"), {"sealed": sealed(page) + "x"})
    assert "too old or not yours" in answer.content.decode()
    assert taken() == []


def test_who_may_only_look_sees_it_and_takes_nothing(desk: Desk) -> None:
    content = ubl.advice(ubl.line(1, 5, order_line=1), order=number())
    key = sealed(upload(desk, content))
    demote("operator")
    page = upload(desk, content)
    assert "Your role may look, but not act." in page
    assert sealed(page) == ""
    desk.client.post(reverse("operator:upload_despatch"), {"sealed": key})
    assert taken() == []


def test_the_statements_do_not_depend_on_the_lines(desk: Desk) -> None:
    def statements(count: int) -> int:
        lines = [ubl.line(index, 1, order_line=1) for index in range(1, count + 1)]
        with acting_as(TEST), CaptureQueriesContext(connection) as asked:
            found = despatch_preview.preview(ubl.advice(*lines, order=number()), by=TEST)
        assert len(found.lines) == count
        return len(asked)

    assert statements(12) == statements(2)
