"""Balances that hold nothing go, and nothing else does."""

from datetime import timedelta

from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World
from warehousing.models import Quant, Reservation
from warehousing.selectors import as_of
from warehousing.services import empty_stock, rebuild

NAMES = ["stock.reserved", "stock.demand", "promise.books", "promise.goods"]


def empty() -> set[int]:
    return set(Quant.objects.filter(on_hand=0).values_list("pk", flat=True))


def test_balances_of_a_package_that_left_are_dropped(world: World, django_assert_num_queries) -> None:
    world.stock(3)
    world.gone(4)
    named = set(Reservation.objects.values_list("quant_id", flat=True))
    left = empty()
    assert Quant.objects.filter(pk__in=left, handling_unit__isnull=False).exists()
    with django_assert_num_queries(3):  # two open and close the unit of work
        assert empty_stock.prune() == len(left - named)
    assert empty() == left & named
    assert sum(Quant.objects.values_list("on_hand", flat=True)) == 3
    assert empty_stock.prune() == 0


def test_the_past_the_books_and_a_rebuild_know_nothing_of_it(world: World) -> None:
    world.gone(4)
    staging = world.places["STAGING"].pk
    later = AT + timedelta(days=1)
    before = [
        as_of.balance(BY, product_id=world.product.pk, location_id=place.pk, at=later)
        for place in world.places.values()
    ]
    assert empty_stock.prune() > 0
    assert before == [
        as_of.balance(BY, product_id=world.product.pk, location_id=place.pk, at=later)
        for place in world.places.values()
    ]
    assert not Quant.objects.filter(location=staging).exists()
    assert rebuild.check().wrong == 0
    assert rebuild.rebuild().mended == 0
    assert check(NAMES) == []


def test_goods_that_come_again_get_a_balance_anew(world: World) -> None:
    world.gone(4)
    assert empty_stock.prune() > 0
    world.gone(5)
    assert rebuild.check().wrong == 0
    assert check(NAMES) == []


def test_only_so_many_are_dropped_at_once(world: World) -> None:
    world.gone(4)
    all_of_them = empty_stock.prune(most=1) + empty_stock.prune(most=100)
    assert all_of_them > 1
    assert empty_stock.prune() == 0
