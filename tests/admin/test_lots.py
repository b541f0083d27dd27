"""A lot is blocked and released again on its page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from b2b.catalog.models import Product
from b2b.core.actor import acting_as
from tests.admin.test_day import Desk
from tests.support.trade_day import TEST, open_market
from warehousing.models import Lot


@pytest.mark.django_db
def test_a_lot_is_blocked_and_released_with_a_reason() -> None:
    open_market()
    with acting_as(TEST):
        batch = Lot.objects.create(product=Product.objects.get(sku="BOLT-8"), number="L-1")
    desk = Desk("operator", "operator")
    button_of_release = reverse("operator:warehousing_lot_button", args=[batch.pk, "release"])
    assert button_of_release not in desk.page("warehousing_lot_change", batch.pk)
    assert button_of_release in desk.press("warehousing_lot", batch.pk, "block", reason="a look at it")
    desk.press("warehousing_lot", batch.pk, "release", reason="looked at")
    for button, status in (
        ("block", "QUARANTINED"),
        ("release", "RELEASED"),
        ("block", "QUARANTINED"),
        ("reject", "REJECTED"),
    ):
        desk.press("warehousing_lot", batch.pk, button, reason=f"{button} it")
        with acting_as(TEST):
            batch.refresh_from_db()
        assert (batch.status, batch.status_reason) == (status, f"{button} it")
