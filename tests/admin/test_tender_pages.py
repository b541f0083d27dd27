"""The operator offers a load, reads the answers and chooses one, without a browser."""

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as
from logistics import states
from logistics.models import Offer, Shipment, Tender
from logistics.services import tender_answer
from tests.factories import catalog, directory
from tests.factories import logistics as make
from tests.factories import tenders as make_tender

pytestmark = pytest.mark.django_db
PAGE = "/operator/logistics/offer-load/"


@pytest.fixture(autouse=True)
def in_the_morning():
    """Let the platform live in the day of the test."""
    with clock.travel(make.MORNING):
        yield


@pytest.fixture
def load():
    """A shipment that waits."""
    warehouse = directory.warehouse(latitude="30.500000", longitude="114.300000")
    shop = directory.site(directory.dealer(), latitude="30.600000", longitude="114.300000")
    return make.shipments(warehouse, [make.packed_unit(shop, catalog.product())])


def test_a_load_is_made_offered_answered_and_given(operator, load):
    carrier = directory.carrier()
    van = make.vehicle(carrier)
    make.seen(van, latitude=30.51)
    page = operator.client.get(PAGE).content.decode()
    assert load[0].number in page
    assert f"{van.code} is 1.1 km away" in page
    asked = {
        "shipments": [str(load[0].pk)],
        "pickup_from_at": "2026-03-02T09:00",
        "pickup_until_at": "2026-03-02T15:00",
        "currency": "CNY",
        "mode": "BROADCAST",
        "answer_minutes": "30",
    }
    answer = operator.client.post(PAGE, asked, follow=True)
    assert "is offered" in answer.content.decode()
    with acting_as(make.PLATFORM):
        made, offer = Tender.objects.get(), Offer.objects.get()
    with acting_as(directory.actor(carrier)) as who:
        tender_answer.offer(
            offer.pk, price=Decimal("321.5"), vehicle_code=van.code,
            pickup_at=made.pickup_from_at + timedelta(hours=1), by=who, at=make.MORNING,
        )  # fmt: skip
    page = operator.client.get(f"/operator/logistics/tender/{made.pk}/").content.decode()
    assert "321.50 CNY" in page
    chosen = operator.client.post(f"/operator/logistics/offer/{offer.pk}/choose/", follow=True)
    assert "has won" in chosen.content.decode()
    with acting_as(make.PLATFORM):
        assert Tender.objects.get().status == states.AWARDED
        assert Shipment.objects.get().status == states.PLANNED


def test_a_load_that_nobody_can_fetch_is_said_so_and_nothing_is_offered(operator, load):
    asked = {
        "shipments": [str(load[0].pk)], "pickup_from_at": "2026-03-02T09:00", "pickup_until_at": "2026-03-02T15:00",
        "currency": "CNY", "mode": "WATERFALL", "answer_minutes": "30",
    }  # fmt: skip
    answer = operator.client.post(PAGE, asked)
    assert "name carriers to ask" in answer.content.decode()
    with acting_as(make.PLATFORM):
        assert not Tender.objects.exists()


def test_withdrawing_and_refusing_ask_why(operator, load):
    carrier = directory.carrier()
    made = make_tender.opened(load, carrier)
    answer = operator.client.post(
        f"/operator/logistics/tender/{made.pk}/withdraw/", {"reason": "snow"}, follow=True
    )
    assert "is withdrawn" in answer.content.decode()
    with acting_as(make.PLATFORM):
        assert Shipment.objects.get().status == states.READY


def test_an_empty_page_says_what_to_do(operator):
    assert "Shipments appear here" in operator.client.get(PAGE).content.decode()
