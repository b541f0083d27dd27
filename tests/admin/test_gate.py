"""The pages of the gate and of people who put away, without a browser."""

import pytest

from b2b.core.actor import acting_as, system
from tests.factories import directory
from tests.factories.directory import organization
from tests.factories.warehousing import World
from warehousing.models import FoundGoods, ReceiptScan

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    with acting_as(system("test")):
        operator = organization("operator")
        house = World.build(operator=operator)
        due = house.expected(10)
    client.force_login(directory.person(operator))
    return client, house, due, f"/operator/warehousing/gate/{due.pk}/"


def test_a_scan_answers_and_leads_back_to_an_empty_field(desk) -> None:
    client, house, _, page = desk
    answer = client.post(
        page, {"code": house.product.sku, "quantity": 4, "key": "1", "scan": ""}, follow=True
    )
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'data-tone="good"' in text
    assert f"4 × {house.product.sku}" in text
    assert "autofocus" in text
    wrong = client.post(page, {"code": house.product.sku, "quantity": 40})
    assert wrong.status_code == 200
    assert 'data-tone="bad"' in wrong.content.decode()
    with acting_as(system("test")):
        assert ReceiptScan.objects.get().quantity == 4
        mistake = ReceiptScan.objects.get().pk
    taken = client.post(page, {"take_back": mistake}, follow=True)
    assert "Taken back" in taken.content.decode()
    found = client.post(
        page, {"found": "", "found-description": "green boxes", "found-quantity": 2}, follow=True
    )
    assert "is recorded" in found.content.decode()
    with acting_as(system("test")):
        assert FoundGoods.objects.get().quantity == 2


def test_what_cannot_be_read_is_said(desk) -> None:
    client, _, _, page = desk
    for given in (
        {"code": "", "quantity": 1},
        {"code": "x", "quantity": "many"},
        {"take_back": "x"},
        {"book": ""},
    ):
        answer = client.post(page, given)
        assert answer.status_code == 200
        assert 'data-tone="bad"' in answer.content.decode()
    assert client.get("/operator/warehousing/carry/").status_code == 200
