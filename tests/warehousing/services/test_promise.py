"""Promises apart from bins: shelf life, owners, time, and who goes first where goods are scarce."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b2b.core.actor import Actor
from b2b.core.errors import Invalid
from b2b.core.ids import uuid7
from b2b.db.invariants import check
from b2b.directory.models import Organization
from tests.factories.directory import actor, organization
from tests.factories.warehousing import BY, World, product
from tests.support.examples import examples
from warehousing.models import Demand, Promise, PromiseBook, Quant, Reservation, Warehouse
from warehousing.policies import promising, rotation
from warehousing.selectors import availability, waiting
from warehousing.services import (
    demand,
    movement,
    promise,
    promise_release,
    reservation,
    shelf_life,
    wave,
)
from warehousing.services.promise import Wish

NAMES = ["stock.reserved", "stock.demand", "promise.books", "promise.bands", "promise.goods"]


def asked(world: World, quantity: int, at: datetime, **fields: object) -> int:
    """Record a demand and return its key; nothing is promised."""
    [key] = demand._record([world.demand_line(quantity, **fields)], at=at).values()
    return key


def owned(world: World, quantity: int, owner: Organization, at: datetime) -> None:
    move = movement.Move(
        world.product.pk,
        world.places["SUPPLIER"].pk,
        world.places["STORAGE"].pk,
        quantity,
        owner_id=owner.pk,
    )
    movement.post([move], at=at, document_type="test", document_id=uuid7())


def lots_of(at: datetime) -> dict[date | None, int]:
    rows = Reservation.objects.filter(status="ACTIVE").values_list("quant__lot__expiry_date", "quantity")
    found: dict[date | None, int] = {}
    for expiry, quantity in rows:
        found[expiry] = found.get(expiry, 0) + quantity
    return found


def test_a_dealer_never_gets_goods_that_do_not_last_long_enough(world: World, at: datetime) -> None:
    soon, late = at.date() + timedelta(days=20), at.date() + timedelta(days=90)
    world.stock(10, lot=world.lot(soon))
    world.stock(4, lot=world.lot(late))
    shelf_life.agree(world.dealer.pk, min_remaining_days=30, by=BY, at=at)
    key = asked(world, 9, at)
    assert promise.make([key], at=at) == {key: 4}
    reservation.allocate(Promise.objects.values_list("pk", flat=True), at=at)
    assert lots_of(at) == {late: 4}
    assert check(NAMES) == []


def test_goods_that_last_are_kept_for_who_needs_them(world: World, at: datetime) -> None:
    soon, late = at.date() + timedelta(days=20), at.date() + timedelta(days=90)
    world.stock(5, lot=world.lot(soon))
    world.stock(5, lot=world.lot(late))
    strict, easy = organization("dealer"), organization("dealer")
    shelf_life.agree(strict.pk, min_remaining_days=30, product_id=world.product.pk, by=BY, at=at)
    first = asked(world, 4, at, dealer_id=strict.pk)
    second = asked(world, 9, at, dealer_id=easy.pk)
    assert promise.make([first], at=at) == {first: 4}
    assert promise.make([second], at=at) == {second: 6}
    # The wave of the dealer who takes anything comes first, and leaves the other one what it needs.
    for key in (second, first):
        reservation.allocate_demands([key], at=at)
    assert lots_of(at) == {soon: 5, late: 5}
    assert check(NAMES) == []


def test_a_term_has_a_history_and_binds_what_is_promised(world: World, at: datetime) -> None:
    world.stock(10, lot=world.lot(at.date() + timedelta(days=20)))
    key = asked(world, 6, at)
    assert promise.make([key], at=at) == {key: 6}
    shelf_life.agree(
        world.dealer.pk, min_remaining_days=30, valid_from=at.date() + timedelta(days=1), by=BY, at=at
    )
    assert reservation.allocate_demands([key], at=at) == {key: 6}
    promise_release.release(Promise.objects.values_list("pk", flat=True))
    assert promise.make([key], at=at) == {key: 6}  # the term is not in force yet
    shelf_life.agree(world.dealer.pk, min_remaining_days=40, by=BY, at=at)
    assert reservation.allocate_demands([key], at=at) == {}
    shelf_life.agree(world.dealer.pk, min_remaining_days=0, by=BY, at=at)
    assert reservation.allocate_demands([key], at=at) == {key: 6}
    with pytest.raises(Invalid):
        shelf_life.agree(world.dealer.pk, min_remaining_days=-1, by=BY, at=at)
    assert check(NAMES) == []


def test_a_dealers_own_goods_are_its_own_and_consigned_ones_are_anybodys(world: World, at: datetime) -> None:
    owned(world, 5, world.dealer, at)
    owned(world, 7, world.factory, at)
    key = asked(world, 20, at)
    assert promise.make([key], at=at) == {key: 7}
    own = asked(world, 20, at)
    Demand.objects.filter(pk=own).update(owner=world.dealer)
    assert promise.make([own], at=at) == {own: 5}
    funded = organization("funder")
    owned(world, 9, funded, at)
    assert promise.make([key], at=at) == {}
    assert reservation.allocate_demands([key, own], at=at) == {key: 7, own: 5}
    assert set(Reservation.objects.values_list("demand_id", "quant__owner_id")) == {
        (key, world.factory.pk),
        (own, world.dealer.pk),
    }


@pytest.mark.parametrize(("method", "first"), [("FIFO", "old"), ("LIFO", "new"), ("FEFO", "soon")])
def test_rotation_is_as_ruled(world: World, at: datetime, method: str, first: str) -> None:
    lots = {
        "old": world.lot(at.date() + timedelta(days=90)),
        "soon": world.lot(at.date() + timedelta(days=30)),
        "new": world.lot(at.date() + timedelta(days=60)),
    }
    for place, name in enumerate(("old", "soon", "new")):
        world.stock(3, lot=lots[name], at=at + timedelta(hours=place))
    shelf_life.rotate(method, product_id=world.product.pk)
    key = asked(world, 2, at)
    promise.make([key], at=at + timedelta(days=1))
    assert reservation.allocate_demands([key], at=at + timedelta(days=1)) == {key: 2}
    assert Reservation.objects.get().quant.lot == lots[first]


def test_promises_and_unused_reservations_lapse(world: World, at: datetime) -> None:
    world.stock(10)
    later = at + timedelta(hours=1)
    offered, firm = asked(world, 6, at), asked(world, 4, at)
    promise.make([offered], at=at, expires_at=later)
    promise.make([firm], at=at)
    reservation.allocate(waiting.promises(world.warehouse.pk), at=at, expires_at=later)
    assert promise_release.lapse(at=at) == promise_release.lapse_reservations(at=at) == 0
    assert promise_release.lapse(at=later) == 1
    assert promise_release.lapse_reservations(at=later) == 1
    assert Quant.objects.get().reserved == 0
    assert PromiseBook.objects.get().promised == 4
    assert waiting.promises(world.warehouse.pk) == [Promise.objects.get(demand=firm).pk]
    assert check(NAMES) == []


def test_bins_are_chosen_within_the_horizon_only(world: World, at: datetime) -> None:
    world.stock(10)
    Warehouse.objects.update(reservation_horizon_days=14)
    near = asked(world, 4, at, need_by_date=at.date() + timedelta(days=14))
    far = asked(world, 4, at, need_by_date=at.date() + timedelta(days=15))
    assert promise.make([near, far], at=at) == {near: 4, far: 4}
    work = wave.release(world.warehouse.pk, by=BY, at=at)
    assert [task.demand_id for task in work.tasks.all()] == [near]


def test_where_goods_are_lost_nobody_overtakes(world: World, at: datetime) -> None:
    world.stock(12)
    first, second, third = (asked(world, 4, at, dealer_id=organization("dealer").pk) for _ in range(3))
    promise.make([first, second, third], at=at)
    lost = movement.Move(world.product.pk, world.places["STORAGE"].pk, world.places["LOSS"].pk, 6)
    movement.post([lost], at=at, document_type="test", document_id=uuid7())
    # Six are left for twelve: the wave of one dealer takes its share, not all that is there.
    assert reservation.allocate_demands([third], at=at) == {third: 2}
    assert reservation.allocate_demands([third], at=at) == {}
    assert reservation.allocate_demands([first, second], at=at) == {first: 2, second: 2}
    newcomer = asked(world, 1, at)
    assert promise.make([newcomer], at=at) == {}
    world.stock(6)
    assert reservation.allocate_demands([first, second, third], at=at) == {first: 2, second: 2, third: 2}
    assert check(NAMES) == []


def test_what_is_available_is_told_by_day(world: World, at: datetime) -> None:
    other, today = product(), at.date()
    world.stock(10, lot=world.lot(today + timedelta(days=5)))
    world.stock(3)
    world.expected(20)
    promise.make([asked(world, 4, at)], at=at)
    site = world.warehouse.site_id
    questions = [
        (world.product.pk, site, today),
        (world.product.pk, site, today + timedelta(days=5)),
        (other.pk, site, today),
    ]
    now, then, nothing = availability.at(BY, questions, today=today)
    assert (now.on_hand, now.promised, now.expected, now.available) == (13, 4, 20, 29)
    assert (then.on_hand, then.promised, then.available) == (3, 4, 20)
    assert nothing.available == 0
    assert availability.free([world.product.pk, other.pk], today=today) == {world.product.pk: 9, other.pk: 0}
    dealer: Actor = actor(world.dealer)
    seen = availability.at(dealer, questions, today=today)
    assert [one.available for one in seen] == [29, 20, 0]
    assert [one.promised for one in seen] == [0, 0, 0]


def test_ten_thousand_answers_in_one_query(world: World, at: datetime, django_assert_num_queries) -> None:
    world.stock(10)
    days = [at.date() + timedelta(days=n) for n in range(100)]
    with django_assert_num_queries(1):
        answers = availability.at(
            BY,
            [(world.product.pk, world.warehouse.site_id, days[n % 100]) for n in range(10_000)],
            today=days[0],
        )
    assert {one.available for one in answers} == {10}


def test_unknown_things_are_all_named(world: World, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        availability.by_code(
            BY, [("none", "nowhere", None), (world.product.sku, "", date(2020, 1, 1))], today=at.date()
        )
    assert {one.pointer for one in refused.value.problems} == {
        "/lines/0/sku",
        "/lines/0/warehouse",
        "/lines/1/date",
    }


DAYS = st.integers(1, 5)
CASES = st.tuples(
    st.lists(st.tuples(st.integers(1, 6), st.none() | DAYS), max_size=4),
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4)), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(CASES)
def test_the_database_promises_and_chooses_as_the_rules_say(world: World, at: datetime, case: tuple) -> None:
    """Any stock, any shelf life asked for, any order of the waves: as promised, first expired first, long enough."""
    supplies, wishes, random = case
    world.product, today = product(), at.date()
    for quantity, days in supplies:
        world.stock(quantity, lot=world.lot(None if days is None else today + timedelta(days=days)))
    keys, wanted = [], []
    for quantity, days in wishes:
        dealer = organization("dealer")
        if days:
            shelf_life.agree(dealer.pk, min_remaining_days=days, by=BY, at=at)
        keys.append(asked(world, quantity, at, dealer_id=dealer.pk))
        wanted.append(promising.Wish(quantity, today + timedelta(days=days) if days else promising.NO_DAY))
    there: dict[date, int] = {}
    for quantity, days in supplies:
        day = promising.FOR_EVER if days is None else today + timedelta(days=days)
        there[day] = there.get(day, 0) + quantity
    made = promise.by_demand(promise.grant([Wish(key) for key in keys], at=at))
    assert [made.get(key, 0) for key in keys] == promising.promise(wanted, there, {})
    days_of = dict(zip(keys, (max(days, 1) for _, days in wishes), strict=True))
    random.shuffle(keys)
    shelf = {
        quant.pk: rotation.Supply(
            quant.pk, 1, quant.on_hand, quant.lot.expiry_date if quant.lot else None, quant.since_at
        )
        for quant in Quant.objects.filter(product=world.product).select_related("lot")
    }
    for key in keys:  # a wave each
        reservation.allocate_demands([key], at=at)
    wants = [rotation.Want(key, 1, made.get(key, 0), today + timedelta(days=days_of[key])) for key in keys]
    expected = [(take.want, take.supply, take.quantity) for take in rotation.assign(wants, shelf.values())]
    found = Reservation.objects.filter(quant__product=world.product).order_by("pk")
    assert list(found.values_list("demand_id", "quant_id", "quantity")) == expected
    assert sum(quantity for *_, quantity in expected) == sum(made.values())
    assert check(NAMES) == []
