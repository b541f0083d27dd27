"""A lot is called back in one call; dealers hear of their own goods alone."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import Actor, acting_as
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from b2b.outbox.models import OutboxEvent
from tests.factories.directory import organization, site
from tests.factories.warehousing import AT, BY, World
from warehousing.models import (
    HandlingUnit,
    Lot,
    PickTask,
    Promise,
    Quant,
    Recall,
    RecallFinding,
    RecallNotice,
    Reservation,
)
from warehousing.selectors import recall as recalls
from warehousing.selectors import trace
from warehousing.services import (
    carton,
    demand,
    epcis_transport,
    movement,
    packing,
    picking,
    recall,
    receipt,
    repack,
    returns,
    wave,
)

LATER = AT + timedelta(hours=2)


class Chain:
    """A lot from its factory on the shelf, reserved, being picked, and with two dealers."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.product.tracking = "LOT"
        world.product.save()
        made = receipt.expect(world.advice((world.product, 40), lot_number="BAD"), by=BY, at=AT)
        self.receipt = receipt.receive(made.pk, by=BY, at=AT)
        self.lot = Lot.objects.get(number="BAD")
        self.delivered = world.gone(4)
        epcis_transport.delivered(self.delivered)
        self.other = World(
            world.warehouse, organization("dealer"), world.shop, world.factory, world.product, world.places
        )
        self.other.shop = site(self.other.dealer)
        self.under_way = self.other.gone(3)


@pytest.fixture
def chain(world: World, monkeypatch: pytest.MonkeyPatch) -> Chain:
    # Everything in this house comes from the one lot, so that packages hold it.
    monkeypatch.setattr(World, "stock", lambda self, quantity, **_: None)
    return Chain(world)


def test_a_lot_is_followed_back_and_forth(chain: Chain) -> None:
    found = trace.of_lots(BY, [chain.lot.pk])
    [origin] = found.origins
    assert (origin.factory, origin.quantity, origin.purchase_order) == (chain.world.factory.code, 40, "PO-1")
    assert origin.despatch_advice == chain.receipt.despatch_advice_number
    assert sum(one.on_hand for one in found.on_hand) == 33
    stages = {parcel.dealer: (parcel.stage, parcel.quantity) for parcel in found.parcels}
    assert stages == {
        chain.world.dealer.code: ("DELIVERED", 4),
        chain.other.dealer.code: ("UNDER_WAY", 3),
    }
    assert len(found.units) == 2
    for parcel in found.parcels:
        assert trace.lots_in(BY, parcel.sscc) == [chain.lot.pk]


def test_units_within_units_are_followed(chain: Chain) -> None:
    carton = HandlingUnit.objects.get(package__dealer=chain.world.dealer)
    pallet = HandlingUnit.objects.create(sscc="3" + carton.sscc[1:-1] + "0", status="STORED", created_at=AT)
    outer = HandlingUnit.objects.create(sscc="4" + carton.sscc[1:-1] + "0", status="STORED", created_at=AT)
    HandlingUnit.objects.filter(pk=carton.pk).update(parent=pallet)
    HandlingUnit.objects.filter(pk=pallet.pk).update(parent=outer)
    assert {pallet.sscc, outer.sscc} < set(trace.of_lots(BY, [chain.lot.pk]).units)
    assert trace.lots_in(BY, outer.sscc) == [chain.lot.pk]


def test_the_number_of_queries_does_not_grow(chain: Chain, django_assert_num_queries) -> None:
    with django_assert_num_queries(8):
        trace.of_lots(BY, [chain.lot.pk])


def test_strangers_trace_nothing(chain: Chain) -> None:
    dealer = Actor(kind="dealer", organization_id=chain.world.dealer.pk)
    with pytest.raises(NotFound):
        trace.of_lots(dealer, [chain.lot.pk])
    with pytest.raises(NotFound):
        trace.of_lots(BY, [chain.lot.pk + 10**6])


def test_a_recall_blocks_tells_and_reserves_elsewhere(chain: Chain) -> None:
    world = chain.world
    demand.cover([world.demand_line(5)], at=AT)
    good = Lot.objects.create(product=world.product, number="GOOD")
    movement.post(
        [
            movement.Move(
                world.product.pk, world.places["SUPPLIER"].pk, world.places["STORAGE"].pk, 50, lot_id=good.pk
            )
        ],
        at=AT,
        document_type="test",
        document_id=chain.receipt.pk,
    )
    made = recall.open_([chain.lot.pk], reason="glass", instruction="stop selling", by=BY, at=LATER)
    chain.lot.refresh_from_db()
    assert (made.status, chain.lot.status) == ("OPEN", "QUARANTINED")
    assert not Reservation.objects.filter(status="ACTIVE", quant__lot=chain.lot).exists()
    assert not PickTask.objects.filter(status="OPEN", lot=chain.lot).exists()
    told = {
        event.payload["dealer_id"]: event for event in OutboxEvent.objects.filter(topic__contains="recall")
    }
    assert set(told) == {world.dealer.pk, chain.other.dealer.pk}
    for dealer_id, event in told.items():
        assert list(event.parties) == [dealer_id]
    assert told[world.dealer.pk].payload["goods"][0]["delivered_quantity"] == 4
    found = RecallFinding.objects.get(recall=made)
    assert [row["dealer"] for row in found.found["delivered"]] == [world.dealer.code]
    assert [row["dealer"] for row in found.found["under_way"]] == [chain.other.dealer.code]
    assert found.found["origins"][0]["factory"] == world.factory.code


def test_a_rehearsal_reports_the_same_and_changes_nothing(chain: Chain) -> None:
    rehearsed = recall.open_([chain.lot.pk], reason="drill", rehearse=True, by=BY, at=LATER)
    chain.lot.refresh_from_db()
    assert (rehearsed.status, chain.lot.status) == ("REHEARSED", "RELEASED")
    assert not RecallNotice.objects.exists()
    assert not OutboxEvent.objects.filter(topic__contains="recall").exists()
    real = recall.open_([chain.lot.pk], reason="glass", by=BY, at=LATER)
    drill, found = (RecallFinding.objects.get(recall=one).found for one in (rehearsed, real))
    assert drill.pop("would_tell") == found.pop("told")
    for one in (drill, found):
        one["lots"][0].pop("status")
    assert drill == found


def test_dealers_see_and_answer_their_own(chain: Chain) -> None:
    made = recall.open_([chain.lot.pk], reason="glass", by=BY, at=LATER)
    mine = Actor(kind="dealer", organization_id=chain.world.dealer.pk)
    rival = Actor(kind="dealer", organization_id=chain.other.dealer.pk)
    stranger = Actor(kind="dealer", organization_id=chain.other.dealer.pk + 10**6)
    for who, seen in ((mine, 1), (rival, 1), (stranger, 0)):
        with acting_as(who):
            assert RecallNotice.objects.count() == seen  # by row security alone
            assert Recall.objects.count() == seen
            assert not RecallFinding.objects.exists()
            assert recalls.visible(who).count() == seen
    recall.answer(made.pk, held=1, sold=2, returning=1, note="one broken", by=mine, at=LATER)
    notice = RecallNotice.objects.get(dealer=chain.world.dealer)
    assert (notice.status, notice.held_quantity, notice.returning_quantity) == ("ANSWERED", 1, 1)
    with pytest.raises(Invalid):
        recall.answer(made.pk, held=3, sold=2, by=mine, at=LATER)
    with pytest.raises(Forbidden):
        recall.answer(made.pk, held=1, dealer_id=chain.other.dealer.pk, by=mine, at=LATER)
    with pytest.raises(NotFound):
        recall.answer(made.pk, held=1, by=stranger, at=LATER)
    recall.answer(made.pk, held=0, dealer_id=chain.other.dealer.pk, by=BY, at=LATER)
    recall.close(made.pk, by=BY, at=LATER)
    with pytest.raises(IllegalTransition):
        recall.answer(made.pk, held=0, by=mine, at=LATER)


def test_goods_that_come_back_are_counted(chain: Chain) -> None:
    made = recall.open_([chain.lot.pk], reason="glass", by=BY, at=LATER)
    short = chain.delivered.lines[0]
    refused = type(chain.delivered)(
        **{
            name: getattr(chain.delivered, name)
            for name in chain.delivered.__struct_fields__
            if name != "lines"
        },
        lines=(
            type(short)(**{**{n: getattr(short, n) for n in short.__struct_fields__}, "short_quantity": 2}),
        ),
    )
    back = returns.expect_refused(refused, by=BY, at=LATER)
    assert back is not None
    returns.receive(back.pk, by=BY, at=LATER)
    notice = RecallNotice.objects.get(dealer=chain.world.dealer)
    assert recalls.came_back(made) == {str(notice.pk): 2}


def test_what_was_found_and_told_stays(chain: Chain) -> None:
    recall.open_([chain.lot.pk], reason="glass", by=BY, at=LATER)
    for statement in (
        "UPDATE warehousing_recall SET reason = 'nothing'",
        "UPDATE warehousing_recallfinding SET duration_ms = 1",
        "UPDATE warehousing_recallnotice SET goods = '[]'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_goods_of_a_recalled_lot_do_not_leave_the_house(chain: Chain) -> None:
    world = chain.world
    demand.cover([world.demand_line(6)], at=AT)
    work = wave.release(world.warehouse.pk, by=BY, at=AT)
    picking.confirm(work.pk, by=BY, at=AT)
    box = carton.open_for(work.pk, site_code=world.shop.code, by=BY, at=AT)
    carton.put(box.sscc, goods=world.product.sku, quantity=2, at=AT)
    carton.close(box.sscc, by=BY, at=AT)
    recall.open_([chain.lot.pk], reason="glass", by=BY, at=LATER)
    with pytest.raises(NotFound):
        carton.open_for(work.pk, site_code=world.shop.code, by=BY, at=AT)
    with pytest.raises(packing.NotReady, match="blocked lot"):
        packing.pack(work.pk, by=BY, at=LATER)
    repack.reopen(box.sscc, by=BY, at=LATER)
    repack.unpack(box.sscc, by=BY, at=LATER)
    assert packing.pack(work.pk, by=BY, at=LATER) == []
    assert not Quant.objects.filter(location__kind="STAGING", on_hand__gt=0).exists()
    assert Promise.objects.get(demand__quantity=6).status == "ON_HAND", "its demand waits for other goods"
    assert invariants.check(["stock.quants", "stock.reserved", "stock.units"]) == []


def test_a_recall_of_many_lots_costs_as_much_as_one_of_few(chain: Chain) -> None:
    world, counts = chain.world, []
    for number in (1, 5):
        lots = [world.lot() for _ in range(number)]
        moves = [
            movement.Move(
                world.product.pk, world.places["SUPPLIER"].pk, world.places["STORAGE"].pk, 2, lot_id=one.pk
            )
            for one in lots
        ]
        movement.post(moves, at=AT, document_type="test", document_id=chain.receipt.pk)
        with CaptureQueriesContext(connection) as queries:
            recall.open_([one.pk for one in lots], reason="glass", by=BY, at=LATER)
        counts.append(len(queries))
        assert set(Lot.objects.filter(pk__in=[one.pk for one in lots]).values_list("status")) == {
            ("QUARANTINED",)
        }
    assert counts[0] == counts[1]


def test_lots_are_named_all_at_once_and_every_unknown_one_is_told(chain: Chain) -> None:
    good, bad = (chain.world.product.sku, "BAD"), (chain.world.product.sku, "UNKNOWN")
    assert trace.all_named(BY, [good, good]) == [chain.lot.pk]
    with pytest.raises(Invalid) as refused:
        trace.all_named(BY, [bad, good, ("NOTHING", "BAD")])
    assert [problem.pointer for problem in refused.value.problems] == ["/lots/0", "/lots/2"]
    dealer = Actor(kind="dealer", organization_id=chain.world.dealer.pk)
    with pytest.raises(Invalid):
        trace.all_named(dealer, [good])


def test_an_operator_answers_for_a_dealer_by_its_code(chain: Chain) -> None:
    made = recall.open_([chain.lot.pk], reason="glass", by=BY, at=LATER)
    code = chain.world.dealer.code
    assert recalls.dealer_of(BY, made.pk, code) == chain.world.dealer.pk
    assert recalls.dealer_of(BY, made.pk, "") is None
    rival = Actor(kind="dealer", organization_id=chain.other.dealer.pk)
    with pytest.raises(NotFound):
        recalls.dealer_of(rival, made.pk, code)


def test_a_recall_names_lots_and_says_why(chain: Chain) -> None:
    for lots, reason in (([], "glass"), ([chain.lot.pk], " ")):
        with pytest.raises(Invalid):
            recall.open_(lots, reason=reason, by=BY, at=LATER)
    with pytest.raises(NotFound):
        recall.open_([10**9], reason="glass", by=BY, at=LATER)


def test_a_delivery_is_told_once(chain: Chain) -> None:
    assert epcis_transport.delivered(chain.delivered) == 0
