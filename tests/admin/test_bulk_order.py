"""The bulk order page: nothing is lost, nothing is ordered twice, nothing of another's gets in."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from b2b.core.actor import acting_as
from b2b.db.selectors import visible
from orders.models import Order
from tests.admin.test_day import Desk
from tests.support.trade_day import TEST, Market, open_market

FAULTY = "sku,quantity\nBOLT-8,48\nNO-SUCH,24\n"


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


def send(desk: Desk, **data: object) -> str:
    answer = desk.client.post(reverse("dealer:bulk_order"), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def draft_of(page: str) -> str:
    found = re.search(r'name="draft" value="([^"]+)"', page)
    assert found, page
    return found[1]


def preview(desk: Desk, rows: str = FAULTY) -> str:
    return send(desk, text=rows, site="LOTUS-1", reference="")


def orders() -> list[Order]:
    with acting_as(TEST):
        return list(visible(TEST, Order))


def test_a_preview_orders_nothing(market: Market) -> None:
    page = preview(Desk("dealer", "dealer"))

    assert "NO-SUCH is no product on sale" in page
    assert "600.00 CNY" in page
    assert orders() == []


def test_a_faulty_row_is_mended_in_place(market: Market) -> None:
    desk = Desk("dealer", "dealer")
    draft = draft_of(preview(desk))

    page = send(desk, **{"draft": draft, "do": "check", "row-3-sku": "SCREW-4"})

    assert "Every row can be ordered" in page


def test_the_good_rows_may_be_ordered_alone(market: Market) -> None:
    desk = Desk("dealer", "dealer")

    page = send(desk, draft=draft_of(preview(desk)), do="per_row")

    assert "is confirmed: 1 lines" in page
    assert [order.total_net for order in orders()] == [600]


def test_a_row_may_be_left_out(market: Market) -> None:
    desk = Desk("dealer", "dealer")

    page = send(desk, **{"draft": draft_of(preview(desk)), "do": "atomic", "row-3-drop": "on"})

    assert "is confirmed: 1 lines" in page


def test_ordering_faulty_rows_keeps_the_list(market: Market) -> None:
    desk = Desk("dealer", "dealer")

    page = send(desk, draft=draft_of(preview(desk)), do="atomic")

    assert draft_of(page)
    assert "NO-SUCH is no product on sale" in page
    assert orders() == []


def test_pressing_twice_orders_once(market: Market) -> None:
    desk = Desk("dealer", "dealer")
    draft = draft_of(preview(desk, "BOLT-8,48\n"))
    send(desk, draft=draft, do="atomic")

    page = send(desk, draft=draft, do="atomic")

    assert "has been ordered already" in page
    assert len(orders()) == 1


def test_a_refused_credit_keeps_the_list_and_says_why(market: Market) -> None:
    desk = Desk("dealer", "dealer")

    page = send(desk, draft=draft_of(preview(desk, "BOLT-8,99999\n")), do="atomic")

    assert "exceeds your credit by" in page
    assert draft_of(page)
    assert orders() == []


@pytest.mark.parametrize("spoil", [lambda text: text[:-2] + "xx", lambda text: "nonsense"])
def test_a_draft_that_was_tampered_with_is_refused(market: Market, spoil) -> None:
    desk = Desk("dealer", "dealer")

    page = send(desk, draft=spoil(draft_of(preview(desk))), do="atomic")

    assert "too old or not yours" in page
    assert orders() == []


def test_a_draft_of_another_dealer_is_refused(market: Market) -> None:
    draft = draft_of(preview(Desk("dealer", "dealer"), "BOLT-8,48\n"))

    page = send(Desk("rival", "dealer"), draft=draft, do="atomic")

    assert "too old or not yours" in page
    assert orders() == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("order.xls", b"\xd0\xcf\x11\xe0", "files are not taken"),
        ("order.csv", b"", "empty"),
        ("order.csv", b"color,size\nred,2\n", ""),
    ],
)
def test_an_unreadable_file_is_refused_in_words(
    market: Market, name: str, content: bytes, sentence: str
) -> None:
    desk = Desk("dealer", "dealer")

    page = send(desk, file=SimpleUploadedFile(name, content), site="LOTUS-1", text="")

    assert 'role="alert"' in page or "ms-error" in page
    assert sentence in page
    assert orders() == []


def test_an_earlier_order_can_be_ordered_again(market: Market) -> None:
    desk = Desk("dealer", "dealer")
    send(desk, draft=draft_of(preview(desk, "BOLT-8,2,CT\n")), do="atomic")
    [order] = orders()

    page = desk.client.get(reverse("dealer:bulk_order"), {"again": str(order.pk)}).content.decode()
    send(desk, draft=draft_of(page), do="atomic")

    assert [one.total_net for one in orders()] == [order.total_net] * 2


def test_a_rivals_order_cannot_be_ordered_again(market: Market) -> None:
    desk = Desk("dealer", "dealer")
    send(desk, draft=draft_of(preview(desk, "BOLT-8,48\n")), do="atomic")
    [order] = orders()

    page = Desk("rival", "dealer").client.get(reverse("dealer:bulk_order"), {"again": str(order.pk)})

    assert "BOLT-8" not in page.content.decode().replace("placeholder", "")


def test_the_result_comes_as_a_file_and_the_page_goes_on(market: Market) -> None:
    desk = Desk("dealer", "dealer")
    draft = draft_of(preview(desk, "sku,quantity,ship_to\nBOLT-8,48,\n=1+1,24,nowhere\n"))

    answer = desk.client.post(reverse("dealer:bulk_order"), {"draft": draft, "do": "csv"})
    text = answer.content.decode("utf-8-sig")

    assert answer["Content-Disposition"] == 'attachment; filename="result.csv"'
    assert "BOLT-8,48" in text
    assert "'=1+1,24,nowhere" in text
    book = desk.client.post(reverse("dealer:bulk_order"), {"draft": draft, "do": "xlsx"})
    assert book.content.startswith(b"PK")
    assert orders() == []


def test_every_faulty_column_is_mended_in_place(market: Market) -> None:
    desk = Desk("dealer", "dealer")
    page = preview(desk, 'sku,quantity,ship_to,need_by_date,max_unit_price\nBOLT-8,48,nowhere,soon,"9,5"\n')
    for name in ("ship_to", "need_by_date", "max_unit_price"):
        assert f'name="row-2-{name}"' in page

    fixed = {"row-2-ship_to": "LOTUS-1", "row-2-need_by_date": "", "row-2-max_unit_price": "99"}
    page = send(desk, **{"draft": draft_of(page), "do": "check", **fixed})

    assert "Every row can be ordered" in page
