"""Carriers that take one load at once: one wins, the others are told so with a 409, and there is one trip."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.core.money import Money
from logistics import states
from logistics.models import Offer, Tender, Trip
from tests.factories import catalog, directory
from tests.factories import logistics as make
from tests.factories import tenders as make_tender

CARRIERS = 4


@pytest.fixture
def race(committed_db):
    """A load that four carriers were asked to take."""
    warehouse = directory.warehouse(latitude="30.500000", longitude="114.300000")
    shop = directory.site(directory.dealer(), latitude="30.600000", longitude="114.300000")
    load = make.shipments(warehouse, [make.packed_unit(shop, catalog.product())])
    carriers = [directory.carrier() for _ in range(CARRIERS)]
    vans = [make.vehicle(carrier) for carrier in carriers]
    made = make_tender.opened(load, *carriers, price=Money.of(500, "CNY"))
    return made, list(zip(carriers, vans, strict=True))


def test_of_several_acceptances_one_wins_and_the_others_get_409(race, api_as):
    made, rivals = race
    clients = {carrier.pk: api_as(carrier) for carrier, _ in rivals}
    offers = {carrier.pk: make_tender.offer_of(made, carrier).pk for carrier, _ in rivals}
    start = Barrier(CARRIERS)

    def take(rival):
        carrier, van = rival
        try:
            with clock.travel(make.MORNING):
                start.wait(timeout=60)
                answer = clients[carrier.pk].post(
                    f"/api/v1/offers/{offers[carrier.pk]}/accept/", {"vehicle": van.code}
                )
            return answer.status_code, answer.json().get("code")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CARRIERS) as pool:
        answers = sorted(pool.map(take, rivals), key=lambda answer: answer[0])
    assert [status for status, _ in answers] == [200, 409, 409, 409]
    assert {code for _, code in answers[1:]} == {"tender_taken"}
    with acting_as(make.PLATFORM):
        assert Trip.objects.count() == 1
        assert Tender.objects.get().status == states.AWARDED
        assert sorted(Offer.objects.values_list("status", flat=True)) == [states.ACCEPTED] + [states.LOST] * 3
