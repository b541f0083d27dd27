from datetime import datetime

from b2b.catalog.models import Product
from tests.factories.warehousing import World, product
from warehousing import facade
from warehousing.models import Demand, PromiseBook, Quant
from warehousing.services import demand


def promised(of: Product) -> int:
    return sum(PromiseBook.objects.filter(product=of).values_list("promised", flat=True))


def wanted() -> list[tuple[int, bool]]:
    return list(Demand.objects.order_by("order_line_id").values_list("quantity", "is_cancelled"))


def test_a_confirmed_order_is_mirrored_and_served(world: World, at: datetime) -> None:
    quant = world.stock(8)
    order = world.order((world.product, 5), (product(), 2))
    assert demand.record(order, at=at) == 5
    assert wanted() == [(5, False), (2, False)]
    assert promised(world.product) == 5
    assert Quant.objects.get(pk=quant.pk).reserved == 0  # bins are chosen when a wave is released


def test_the_same_fact_twice_changes_nothing(world: World, at: datetime) -> None:
    world.stock(8)
    order = world.order((world.product, 5))
    demand.record(order, at=at)
    assert demand.record(order, at=at) == 0
    assert promised(world.product) == 5


def test_a_change_takes_and_gives_back(world: World, at: datetime) -> None:
    world.stock(20)
    other = product()
    world.stock(20, of=other)
    order = world.order((world.product, 5), (other, 9))
    demand.record(order, at=at)
    demand.record(world.changed(order, [8, 4]), at=at)
    assert (promised(world.product), promised(other)) == (8, 4)


def test_a_removed_line_gives_its_goods_back(world: World, at: datetime) -> None:
    other = product()
    world.stock(20, of=other)
    order = world.order((world.product, 5), (other, 9))
    demand.record(order, at=at)
    demand.record(world.changed(order, [5]), at=at)
    assert wanted() == [(5, False), (9, True)]
    assert promised(other) == 0


def test_a_change_that_comes_first_is_not_undone_by_the_order(world: World, at: datetime) -> None:
    world.stock(20)
    order = world.order((world.product, 5), (world.product, 6))
    demand.record(world.changed(order, [2]), at=at)
    demand.record(order, at=at)
    assert wanted() == [(2, False)]
    assert promised(world.product) == 2


def test_a_cancellation_that_comes_first_holds(world: World, at: datetime) -> None:
    world.stock(20)
    order = world.order((world.product, 5))
    demand.cancel(world.cancelled(order))
    assert demand.record(order, at=at) == 0
    assert promised(world.product) == 0
    assert wanted() == []


def test_a_cancellation_gives_everything_back(world: World, at: datetime) -> None:
    world.stock(20)
    order = world.order((world.product, 5))
    demand.record(order, at=at)
    assert demand.cancel(world.cancelled(order)) == 5
    assert promised(world.product) == 0


def test_a_line_covered_before_its_order_is_known_is_served_once(world: World, at: datetime) -> None:
    world.stock(20)
    order = world.order((world.product, 5), (world.product, 4))
    line = order.lines[0]
    asked = world.demand_line(5, order_id=order.order_id, order_line_id=line.line_id)
    assert demand.cover([asked], at=at) == {line.line_id: 5}
    assert demand.record(order, at=at) == 4
    assert promised(world.product) == 9


def test_asking_for_the_rest_of_a_line_does_not_change_what_it_wants(world: World, at: datetime) -> None:
    world.stock(50)
    order = world.order((world.product, 60))
    demand.record(order, at=at)
    world.stock(50)
    line_id = order.lines[0].line_id
    asked = world.demand_line(55, order_id=order.order_id, order_line_id=line_id, order_version=4)
    assert demand.cover([asked], at=at) == {line_id: 55}
    assert Demand.objects.values_list("quantity", "order_version").get() == (60, 1)


def test_the_number_of_statements_does_not_grow(
    world: World, at: datetime, django_assert_max_num_queries
) -> None:
    items = [product() for _ in range(50)]
    for item in items:
        world.stock(1, of=item)
    with django_assert_max_num_queries(30) as few:
        demand.record(world.order((world.product, 1)), at=at)
    with django_assert_max_num_queries(30) as many:
        demand.record(world.order(*((item, 1) for item in items)), at=at)
    assert len(many) <= len(few) + 1  # the single line above found no stock and stopped earlier


def test_what_is_kept_from_stock_is_told_by_order_line(world: World, at: datetime) -> None:
    world.stock(8)
    order = world.order((world.product, 5), (product(), 2))
    demand.record(order, at=at)
    served, waiting = (line.line_id for line in order.lines)
    assert facade.kept([served, waiting]) == {served: 5}
    assert facade.kept([waiting]) == facade.kept([]) == {}
