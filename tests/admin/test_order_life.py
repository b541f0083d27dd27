"""A dealer takes a cancelled order up again, and tells the desk what its own books call things."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.directory.selectors.acting import of_organization
from orders.models import BuyersItem, Order
from orders.services import bulk_order
from tests.admin.test_admin_tenancy import demote
from tests.admin.test_day import Desk
from tests.support.trade_day import TEST, Market, open_market


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


@pytest.fixture
def dealer(market: Market) -> Desk:
    return Desk("dealer", "dealer")


def placed(market: Market) -> Order:
    who = of_organization(market.dealer)
    rows = bulk_order.rows_of([{"sku": "BOLT-8", "quantity": 10}])
    with acting_as(who):
        return bulk_order.submit(
            rows, dealer=market.dealer, ship_to=market.dealer.sites.get(), by=who, at=clock.now()
        ).order


def press(desk: Desk, order: Order, button: str, site: str = "dealer") -> str:
    address = reverse(f"{site}:orders_order_change", args=[order.pk])
    return desk.client.post(f"{address}{button}/", {"reason": "so it is"}, follow=True).content.decode()


@pytest.mark.parametrize("site", ["dealer", "operator"])
def test_a_cancelled_order_is_reopened_with_a_button(market: Market, dealer: Desk, site: str) -> None:
    order = placed(market)
    page = reverse(f"{site}:orders_order_change", args=[order.pk])
    desk = dealer if site == "dealer" else Desk("operator", "operator")
    assert "Reopen the order" not in desk.client.get(page).content.decode()
    press(dealer, order, "cancel")
    assert "Reopen the order" in desk.client.get(page).content.decode()
    assert "is confirmed again" in press(desk, order, "reopen", site)
    with acting_as(TEST):
        order.refresh_from_db()
        assert order.status == "CONFIRMED"
    assert Desk("rival", "dealer").client.get(page).status_code in (302, 403, 404)


def test_codes_are_taken_over_used_and_downloaded(market: Market, dealer: Desk) -> None:
    page = reverse("dealer:my_codes")
    faulty = dealer.client.post(
        page, {"text": "your code\tsku\nMINE-1\tBOLT-9", "mode": "merge"}
    ).content.decode()
    assert "BOLT-9 is no product on sale" in faulty
    checked = {"text": "your code\tsku\nMINE-1\tBOLT-8", "mode": "preview"}
    assert "nothing was written" in dealer.client.post(page, checked, follow=True).content.decode()
    file = SimpleUploadedFile("codes.csv", b"buyers_code,sku\nMINE-1,BOLT-8\nMINE-2,SCREW-4\n")
    assert "2 new" in dealer.client.post(page, {"file": file, "mode": "merge"}, follow=True).content.decode()
    assert "MINE-2" not in dealer.client.get(page, {"q": "MINE-1"}).content.decode()
    assert "MINE-1" not in Desk("rival", "dealer").client.get(page).content.decode()
    told = dealer.client.get(reverse("dealer:export_my_codes"))
    assert b"MINE-2,SCREW-4" in b"".join(told)
    preview = dealer.client.post(
        reverse("dealer:bulk_order"), {"text": "MINE-1\t24", "site": "LOTUS-1"}
    ).content.decode()  # fmt: skip
    assert "Hex bolt M8" in preview


def test_who_may_only_look_takes_no_codes_over(market: Market, dealer: Desk) -> None:
    demote("dealer")
    told = dealer.client.post(
        reverse("dealer:my_codes"), {"text": "your code\tsku\nMINE-1\tBOLT-8", "mode": "merge"}
    )
    assert "may look, but not act" in told.content.decode()
    with acting_as(TEST):
        assert not BuyersItem.objects.exists()
