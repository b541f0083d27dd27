"""What goes wrong on the road, what nobody believed, what carriers ask: the operator's pages, without a browser."""

from datetime import timedelta

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as
from logistics.models import FreightInvoice, PositionFix, QuarantinedFix, TripAlert
from logistics.policies import position_rows
from logistics.services import freight_invoice, positions, watch
from tests.factories import directory
from tests.factories import logistics as make

pytestmark = pytest.mark.django_db
AT = make.MORNING


@pytest.fixture(autouse=True)
def in_the_morning():
    """Let the platform live in the day of the test."""
    with clock.travel(AT):
        yield


@pytest.fixture
def haul():
    return make.haul(directory.dealer(), directory.carrier())


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_alert_is_shown_with_its_age_and_taken(operator, haul):
    make.seen(haul.vehicle, at=AT)
    with acting_as(make.PLATFORM) as platform:
        watch.raise_alerts(by=platform, at=AT + timedelta(minutes=30))
        alert = TripAlert.objects.get()
    with clock.travel(AT + timedelta(minutes=45)):
        assert "No signal" in text(operator.client.get("/operator/logistics/tripalert/"))
        page = f"/operator/logistics/tripalert/{alert.pk}/"
        assert "15\xa0minutes ago" in text(operator.client.get(page))
        assert "It is yours" in text(operator.client.post(f"{page}take/", follow=True))
        assert operator.user.username in text(operator.client.get(page))


def test_positions_are_shown_kept_and_thrown_away(operator, haul):
    make.seen(haul.vehicle, at=AT)
    assert haul.vehicle.code in text(operator.client.get("/operator/logistics/vehiclemirror/"))
    told = "vehicle,fix_at,latitude,longitude"
    for minutes, place in ((1, "32.5,114.3"), (2, "0,0")):
        told += f"\n{haul.vehicle.code},{(AT + timedelta(minutes=minutes)).isoformat()},{place}"
    with acting_as(directory.actor(haul.trip.carrier)) as who:
        positions.ingest(position_rows.read(told.encode(), "text/csv"), by=who, at=AT)
    with acting_as(make.PLATFORM):
        jump, nowhere = QuarantinedFix.objects.order_by("pk")
    page = "/operator/logistics/quarantinedfix/"
    assert "the receiver jumped" in text(operator.client.get(page))
    assert "is kept" in text(operator.client.post(f"{page}{jump.pk}/release/", follow=True))
    refused = text(operator.client.post(f"{page}{nowhere.pk}/release/", follow=True))
    assert "without a fix" in refused
    chosen = {"action": "discard_all", "_selected_action": [nowhere.pk]}
    assert "1 position is thrown away" in text(operator.client.post(page, chosen, follow=True))
    with acting_as(make.PLATFORM):
        assert PositionFix.objects.count() == 2


def test_a_disputed_invoice_is_decided(operator, haul):
    trip = haul.trip
    with acting_as(make.PLATFORM) as platform:
        bill = freight_invoice.Bill(
            trip.carrier_id, "INV-7", AT.date(), trip.currency, [(trip.number, trip.cost)]
        )
        made = freight_invoice.receive(bill, by=platform, at=AT)
    page = f"/operator/logistics/freightinvoice/{made.pk}/"
    assert "has not been driven to its end" in text(operator.client.get(page))
    assert "may be billed anew" in text(
        operator.client.post(f"{page}reject/", {"reason": "early"}, follow=True)
    )
    with acting_as(make.PLATFORM):
        assert FreightInvoice.objects.get().status == "REJECTED"


def test_a_link_for_the_driver_is_shown_once_and_opens_the_trip(operator, client, haul):
    answer = text(operator.client.post(f"/operator/logistics/trip/{haul.trip.pk}/driver_link/", follow=True))
    address = answer.split("http://testserver")[1].split("<")[0]
    assert haul.trip.number in text(client.get(address))


def test_a_tariff_has_breaks(operator):
    assert "Weight breaks" in text(operator.client.get("/operator/logistics/tariff/add/"))
