"""The pages of the gate and of people who put away, without a browser."""

import pytest

from b2b.core.actor import acting_as, system
from tests.factories import directory
from tests.factories.directory import organization
from tests.factories.warehousing import AT, BY, World
from warehousing.models import FoundGoods, PickList, PutawayTask, ReceiptScan
from warehousing.services import receipt

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


def test_a_place_is_confirmed_for_the_goods_that_were_shown(desk) -> None:
    client, house, _, _ = desk
    page = "/operator/warehousing/carry/"
    with acting_as(system("test")):
        house.warehouse.directs_putaway = True
        house.warehouse.save(update_fields=["directs_putaway"])
        for quantity in (3, 5):
            receipt.receive(house.expected(quantity).pk, by=BY, at=AT)
    client.post(page)
    [first] = claimed()
    assert f'value="{first}"' in client.get(page).content.decode()
    given = {"task": first, "location": house.places["STORAGE"].code}
    assert 'data-tone="good"' in client.post(page, given, follow=True).content.decode()
    [second] = claimed()
    again = client.post(page, given).content.decode()
    assert "carried already" in again
    assert claimed() == [second], "the button pressed twice does not carry the next goods"


def claimed() -> list[int]:
    with acting_as(system("test")):
        return list(PutawayTask.objects.filter(status="CLAIMED").values_list("pk", flat=True))


@pytest.mark.parametrize(("page", "press"), [("pick", "claim"), ("pick", "give_back"), ("pack", "unpack")])
def test_who_may_only_look_presses_nothing_at_the_desks(client, page: str, press: str) -> None:
    with acting_as(system("test")):
        operator = organization("operator")
        house = World.build(operator=operator)
        house.released()
        viewer = directory.person(operator, "VIEWER")
    client.force_login(viewer)
    given = {"do": press, "picker": "ann", "warehouse": house.warehouse.code, "carton": "1"}
    answer = client.post(f"/operator/warehousing/{page}/", given)
    assert "Your role may look, but not act." in answer.content.decode()
    with acting_as(system("test")):
        assert not PickList.objects.exclude(picker="").exists()


def test_a_picker_is_found_again_whatever_the_badge_says(desk) -> None:
    client, house, _, _ = desk
    with acting_as(system("test")):
        house.released()
    given = {"do": "claim", "picker": "Ann & Bob #2", "warehouse": house.warehouse.code}
    page = client.post("/operator/warehousing/pick/", given, follow=True).content.decode()
    assert "1 pick left" in page


def test_after_a_refused_scan_the_fields_are_empty_for_the_next(desk) -> None:
    client, house, _, _ = desk
    with acting_as(system("test")):
        task = f"{house.released().number}.1"
    given = {"picker": "ann", "warehouse": house.warehouse.code}
    client.post("/operator/warehousing/pick/", {**given, "do": "claim"})
    scan = {"do": "confirm", "task": task, "place": "WRONG-1", "goods": "WRONG-2", "quantity": 4}
    page = client.post("/operator/warehousing/pick/", {**given, **scan}).content.decode()
    assert 'role="alert"' in page
    assert 'value="WRONG' not in page
    assert 'value="4"' not in page, "the quantity is asked again: the next goods may be others"
