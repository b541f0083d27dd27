"""An SSCC is given once, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction

from b2b.core.actor import acting_as, system
from b2b.db.transactions import unit_of_work
from tests.factories.warehousing import World
from warehousing.models import SsccSeries, Warehouse
from warehousing.policies.sscc import SerialsExhausted, is_valid
from warehousing.services import sscc


@unit_of_work()
def take(house: Warehouse, count: int) -> list[str]:
    return sscc.take(house, count)


def test_codes_begin_with_extension_and_prefix(world: World) -> None:
    world.warehouse.sscc_extension = 3
    codes = take(world.warehouse, 1000)
    assert len(set(codes)) == 1000
    assert all(is_valid(code) and code.startswith(f"3{world.warehouse.gs1_prefix}") for code in codes)


def test_a_warehouse_may_share_its_prefix_under_another_extension(world: World) -> None:
    first = set(take(world.warehouse, 50))
    world.warehouse.sscc_extension = 1
    assert not first & set(take(world.warehouse, 50))
    assert SsccSeries.objects.count() == 2


def test_a_series_that_ran_out_says_so_and_keeps_what_it_gave(world: World) -> None:
    world.warehouse.gs1_prefix = "952123456789"
    codes = take(world.warehouse, 9_990)
    with pytest.raises(SerialsExhausted):
        take(world.warehouse, 10)
    codes += take(world.warehouse, 9)
    assert len(set(codes)) == 9_999


def test_a_refused_transaction_gives_its_codes_back(world: World) -> None:
    class Stop(Exception):
        pass

    @unit_of_work()
    def fail() -> None:
        sscc.take(world.warehouse, 5)
        raise Stop

    with pytest.raises(Stop):
        fail()
    assert len(take(world.warehouse, 1)) == 1
    assert SsccSeries.objects.get().last_number == 1


@pytest.mark.parametrize("change", ["last_number = 0", "key = 'other'", "prefix = '9999'"])
def test_the_database_refuses_to_wind_a_series_back(world: World, change: str) -> None:
    take(world.warehouse, 3)
    with (
        pytest.raises(IntegrityError, match="only goes on"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE warehousing_ssccseries SET {change}")


def test_eight_packers_never_get_the_same_code(committed_db: str) -> None:
    with acting_as(system("test")):
        house = World.build().warehouse

    def work(_: int) -> list[str]:
        try:
            with acting_as(system("test")):
                return [code for _ in range(10) for code in take(house, 3)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        codes = [code for part in pool.map(work, range(8)) for code in part]
    assert len(set(codes)) == len(codes) == 240
