"""Batches that come at once over the same vehicles: none is lost, none is kept twice, nobody waits in a circle."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

from django.db import connections

from b2b.core.actor import acting_as
from logistics.models import VehicleMirror
from logistics.policies.positions import Fix
from logistics.services import positions
from tests.factories import directory
from tests.factories import logistics as make

AT = make.MORNING


def test_the_newest_of_all_batches_is_shown_and_each_fix_kept_once(committed_db):
    carrier = directory.carrier()
    by = directory.actor(carrier)
    vans = [make.vehicle(carrier) for _ in range(12)]

    def tell(number):
        try:
            rows = [
                Fix(van.code, AT - timedelta(minutes=10 - minute), 30.5 + 0.001 * minute, 114.3)
                for van in vans
                for minute in range(number % 3, number % 3 + 3)
            ]
            Random(number).shuffle(rows)
            with acting_as(by):
                return positions.ingest(rows, by=by, at=AT).accepted
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        accepted = sum(pool.map(tell, range(12)))
    assert accepted == 12 * 5  # minutes 0 to 4 of twelve vans, each once
    with acting_as(by):
        assert set(VehicleMirror.objects.values_list("fix_at", flat=True)) == {AT - timedelta(minutes=6)}
