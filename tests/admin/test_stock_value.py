"""The operator sees what stock is worth and what it is made of, and declares how it is valued."""

from __future__ import annotations

from django.urls import reverse

from b2b.core.actor import acting_as
from finance.models import StockMethod, StockValue
from tests.admin.conftest import Person
from tests.factories.finance import PLATFORM
from tests.factories.stock_value import Store, tell


def test_a_stock_shows_its_value_its_layers_and_its_movements(operator: Person) -> None:
    store = Store.build()
    with acting_as(PLATFORM):
        placed = store.placed("2.50")
        tell(placed, store.received(10, placed), store.issued(4))
        stock = StockValue.objects.get(product=store.product)
    listed = operator.client.get(reverse("operator:finance_stockvalue_changelist")).content.decode()
    assert store.product.sku in listed
    assert "15.00" in listed
    shown = operator.client.get(
        reverse("operator:finance_stockvalue_change", args=[stock.pk])
    ).content.decode()
    assert "Layers" in shown
    assert "25.00" in shown, "what the layer was worth when it came"
    assert "issue" in shown


def test_a_method_is_declared_for_a_product(operator: Person) -> None:
    store = Store.build()
    page = reverse("operator:declare_stock_method")
    given = {
        "method": "MOVING_AVERAGE",
        "sku": store.product.sku,
        "warehouse": store.home.pk,
        "reason": "bulk",
    }
    assert "There is no such product" in operator.client.post(page, {**given, "sku": "none"}).content.decode()
    assert operator.client.post(page, given).status_code == 302
    with acting_as(PLATFORM):
        [made] = StockMethod.objects.all()
    assert (made.product_id, made.warehouse_site_id, made.reason) == (store.product.pk, store.home.pk, "bulk")
