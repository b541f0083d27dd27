"""Counting at the gate: by SSCC, GTIN with lot and expiry, or by hand; over, short, damaged, unknown."""

import json
from datetime import date

import pytest

from b2b.contracts.orders import DespatchedUnit
from b2b.contracts.warehousing import GoodsReceived
from b2b.core.errors import DomainError, Invalid
from b2b.core.gs1 import ScanError
from b2b.core.machine import IllegalTransition
from b2b.outbox.models import OutboxEvent
from tests.factories import catalog
from tests.factories.directory import organization, site
from tests.factories.warehousing import BY, World, product
from tests.support.ubl import sscc
from warehousing.models import (
    Evidence,
    FoundGoods,
    HandlingUnit,
    Location,
    Quant,
    Receipt,
    ReceiptScan,
    ReceivingRule,
    StockLedgerEntry,
)
from warehousing.selectors.scanned_goods import UnknownCode
from warehousing.services import (
    found_goods,
    receipt,
    receipt_closing,
    receipt_scan,
    rejected_goods,
    warehouse,
)
from warehousing.services.evidence import Photo
from warehousing.services.found_goods import Finding
from warehousing.services.over_receipt import OverReceipt
from warehousing.services.receipt_scan import NotExpected, Seen
from warehousing.services.rejected_goods import Disposal

GTIN = "09521234000013"
PALLET, CARTON, OTHER = sscc(11), sscc(12), sscc(13)
JPEG = b"\xff\xd8\xff\xe0 a photo of damage"


def arriving(world: World, at, *lines, units=(), **fields) -> Receipt:
    """Expect lines of (product, quantity, lot, sscc)."""
    advice = world.advice(*((item, quantity) for item, quantity, *_ in lines))
    parts = [
        type(part)(
            **{
                **{name: getattr(part, name) for name in part.__struct_fields__},
                "lot_number": ((*given, "", ""))[2],
                "sscc": ((*given, "", ""))[3],
            }
        )
        for part, given in zip(advice.lines, lines, strict=True)
    ]
    values = {name: getattr(advice, name) for name in advice.__struct_fields__}
    return receipt.expect(
        type(advice)(**{**values, "lines": tuple(parts), "units": tuple(units)}), by=BY, at=at
    )


def scan(of: Receipt, at, code: str, quantity: int = 1, **more):
    return receipt_scan.scan(of.pk, Seen(code, quantity, **more), by=BY, at=at)


def told() -> list[GoodsReceived]:
    rows = OutboxEvent.objects.filter(topic=GoodsReceived.topic).order_by("id")
    return [GoodsReceived.from_json(json.dumps(row.payload)) for row in rows]


def balances() -> dict[tuple[str, str], int]:
    rows = Quant.objects.filter(on_hand__gt=0).values_list("location__kind", "status", "on_hand")
    return {(kind, status): on_hand for kind, status, on_hand in rows}


@pytest.fixture
def item(world: World):
    return product(gtin=GTIN[1:])


def test_a_pallet_is_counted_with_all_that_stands_on_it(world: World, at, item) -> None:
    units = (DespatchedUnit(sscc=PALLET, kind="PALLET"), DespatchedUnit(sscc=CARTON, parent_sscc=PALLET))
    due = arriving(world, at, (item, 10, "L1", CARTON), (item, 5, "L2", PALLET), (item, 3, "L3"), units=units)
    assert HandlingUnit.objects.get(sscc=CARTON).parent.sscc == PALLET
    counted = scan(due, at, f"00{PALLET}")
    assert sorted(one.quantity for one in counted.scans) == [5, 10]
    with pytest.raises(Invalid, match="counted already"):
        scan(due, at, CARTON)
    closed = receipt_closing.close(due.pk, by=BY, at=at)
    assert closed.status == "RECEIVED"
    [event] = told()
    assert sum(line.accepted_quantity for line in event.lines) == 15
    assert [line.missing_quantity for line in event.lines if line.missing_quantity] == [3]
    assert set(HandlingUnit.objects.values_list("status", flat=True)) == {"EMPTY"}


def test_a_delivery_is_booked_in_parts(world: World, at, item) -> None:
    due = arriving(world, at, (item, 10))
    scan(due, at, GTIN, 4)
    receipt_closing.book(due.pk, by=BY, at=at)
    assert balances() == {("STORAGE", "AVAILABLE"): 4}
    with pytest.raises(Invalid, match="Nothing is counted"):
        receipt_closing.book(due.pk, by=BY, at=at)
    scan(due, at, GTIN, 3)
    scan(due, at, GTIN, 2, damaged=True, reason="wet", photo=Photo(JPEG))
    receipt_closing.close(due.pk, by=BY, at=at)
    assert balances() == {("STORAGE", "AVAILABLE"): 7, ("QUALITY", "DAMAGED"): 2}
    first, last = told()
    assert first.receipt_id == due.pk
    assert last.receipt_id != due.pk
    assert [(line.accepted_quantity, line.missing_quantity) for line in first.lines] == [(4, 0)]
    [line] = last.lines
    assert (line.accepted_quantity, line.rejected_quantity, line.missing_quantity) == (3, 2, 1)
    line = due.lines.get()
    assert (line.accepted_quantity, line.rejected_quantity, line.rejection_reason) == (7, 2, "wet")
    assert Evidence.objects.get().media_type == "image/jpeg"
    with pytest.raises(IllegalTransition):
        scan(due, at, GTIN)


def test_lot_and_expiry_are_read_from_the_code(world: World, at, item) -> None:
    due = arriving(world, at, (item, 10, "L1"))
    scan(due, at, f"(01){GTIN}(17)270630(10)L1", 6)
    scan(due, at, f"(01){GTIN}(17)270731(10)L2", 4)
    receipt_closing.close(due.pk, by=BY, at=at)
    found = Quant.objects.order_by("lot__number").values_list("lot__number", "lot__expiry_date", "on_hand")
    assert list(found) == [("L1", date(2027, 6, 30), 6), ("L2", date(2027, 7, 31), 4)]
    [event] = told()
    assert sum(line.missing_quantity for line in event.lines) == 0


def test_packs_are_counted_in_base_units(world: World, at, item) -> None:
    catalog.PackagingFactory(product=item, code="CT", units=12, gtin="19521234000010")
    due = arriving(world, at, (item, 60))
    scan(due, at, "(01)19521234000010", 2)
    scan(due, at, item.sku, 3, unit="CT")
    assert sum(ReceiptScan.objects.values_list("quantity", flat=True)) == 60
    with pytest.raises(Invalid) as refused:
        scan(due, at, item.sku, unit="PF")
    assert refused.value.problems[0].remedy.endswith("EA, CT")


def test_a_scan_sent_twice_counts_once_and_can_be_taken_back(world: World, at, item) -> None:
    due = arriving(world, at, (item, 10))
    first = scan(due, at, GTIN, 4, key="gun-1-17")
    again = scan(due, at, GTIN, 4, key="gun-1-17")
    assert [one.pk for one in first.scans] == [one.pk for one in again.scans]
    receipt_scan.take_back(due.pk, first.scans[0].pk)
    scan(due, at, GTIN, 1)
    receipt_closing.close(due.pk, by=BY, at=at)
    assert balances() == {("STORAGE", "AVAILABLE"): 1}


def test_what_is_parked_is_parked_once_for_a_scan_sent_twice(world: World, at, item) -> None:
    ReceivingRule.objects.create(product=item, over_receipt_percent=0, on_excess="PARK")
    due = arriving(world, at, (item, 10))
    scan(due, at, GTIN, 8)
    for key, counted, parked in (("gun-1", 2, 3), ("gun-2", 0, 5)):
        first, again = (scan(due, at, GTIN, 5, key=key) for _ in range(2))
        assert sum(one.quantity for one in again.scans) == counted
        assert (again.parked, again.parked.quantity) == (first.parked, parked)
    assert FoundGoods.objects.count() == 2


def test_more_than_tolerated_is_refused_or_parked(world: World, at, item) -> None:
    due = arriving(world, at, (item, 100))
    scan(due, at, GTIN, 105)
    with pytest.raises(OverReceipt):
        scan(due, at, GTIN, 1)
    ReceivingRule.objects.create(product=item, over_receipt_percent=0)
    tight = arriving(world, at, (item, 100))
    with pytest.raises(OverReceipt, match="tolerates"):
        scan(tight, at, GTIN, 101)
    ReceivingRule.objects.create(
        product=item, factory=world.factory, over_receipt_percent=0, on_excess="PARK"
    )
    counted = scan(tight, at, GTIN, 103)
    assert [one.quantity for one in counted.scans] == [100]
    assert (counted.parked.quantity, counted.parked.cause) == (3, "EXCESS")
    receipt_closing.close(tight.pk, by=BY, at=at)
    assert balances() == {("STORAGE", "AVAILABLE"): 100}


def test_found_goods_wait_for_an_owner(world: World, at, item) -> None:
    strange = found_goods.record(
        Finding(world.warehouse.code, 7, description="green boxes without a label", photo=Photo(JPEG)),
        by=BY,
        at=at,
    )
    with pytest.raises(Invalid, match="Nobody knows"):
        found_goods.take_in(strange.pk, owner=None, by=BY, at=at)
    found_goods.take_in(strange.pk, owner=world.dealer, product_id=item.pk, by=BY, at=at)
    assert (Quant.objects.get().owner_id, Quant.objects.get().on_hand) == (world.dealer.pk, 7)
    gone = found_goods.record(Finding(world.warehouse.code, 1, description="a pallet"), by=BY, at=at)
    found_goods.send_back(gone.pk, reason="the carrier takes it", by=BY, at=at)
    with pytest.raises(IllegalTransition):
        found_goods.destroy(gone.pk, reason="", by=BY, at=at)
    with pytest.raises(Invalid) as refused:
        found_goods.record(Finding(world.warehouse.code, 0), by=BY, at=at)
    assert [one.code for one in refused.value.problems] == ["bad_quantity", "not_described"]


def test_damaged_goods_go_back_or_are_destroyed(world: World, at, item) -> None:
    due = arriving(world, at, (item, 10))
    scan(due, at, GTIN, 10, damaged=True, reason="crushed")
    receipt_closing.close(due.pk, by=BY, at=at)
    rejected_goods.dispose(due.pk, disposals=[Disposal(1, send_back=6, destroy=3)], at=at)
    assert balances() == {("QUALITY", "DAMAGED"): 1}
    with pytest.raises(Invalid):
        rejected_goods.dispose(due.pk, disposals=[Disposal(1, destroy=2)], at=at)
    line = due.lines.get()
    assert (line.sent_back_quantity, line.destroyed_quantity) == (6, 3)


def test_bad_input_is_refused_and_nothing_is_written(world: World, at, item) -> None:
    far = warehouse.open_at(site(organization("operator"), "WAREHOUSE").pk)
    there = arriving(world, at, (item, 5, "", OTHER))
    Receipt.objects.filter(pk=there.pk).update(warehouse=far)
    here = arriving(world, at, (item, 5, "", PALLET))
    due = arriving(world, at, (item, 10, "", CARTON))
    stranger = product()
    wrong_digit = CARTON[:-1] + str((int(CARTON[-1]) + 1) % 10)
    cases: list[tuple[type[DomainError], str, dict[str, object]]] = [
        (NotExpected, "unknown_sscc", {"code": sscc(99)}),
        (NotExpected, "wrong_warehouse", {"code": OTHER}),
        (NotExpected, "other_receipt", {"code": PALLET}),
        (NotExpected, "not_expected", {"code": stranger.sku}),
        (ScanError, "wrong_check_digit", {"code": wrong_digit}),
        (ScanError, "missing_pair", {"code": "(10)L1"}),
        (UnknownCode, "unknown_code", {"code": "4006381333931"}),
        (UnknownCode, "unknown_code", {"code": "what?"}),
        (Invalid, "bad_quantity", {"code": GTIN, "quantity": -1}),
        (Invalid, "bad_quantity", {"code": GTIN, "quantity": 0}),
        (Invalid, "wrong_unit", {"code": GTIN, "unit": "PF"}),
        (Invalid, "no_reason", {"code": GTIN, "damaged": True}),
        (Invalid, "bad_photo", {"code": GTIN, "damaged": True, "reason": "wet", "photo": Photo(b"GIF89a")}),
        (OverReceipt, "over_receipt", {"code": GTIN, "quantity": 11}),
    ]
    for error, code, given in cases:
        with pytest.raises(error) as refused:
            receipt_scan.scan(due.pk, Seen(**given), by=BY, at=at)  # type: ignore[arg-type]
        problem = refused.value.problems[0]
        assert problem.code == code
        assert problem.remedy, code
    assert not ReceiptScan.objects.exists()
    assert not FoundGoods.objects.exists()
    assert not StockLedgerEntry.objects.exists()
    assert here.number != there.number


def test_a_closed_place_takes_nothing_in(world: World, at, item) -> None:
    due = arriving(world, at, (item, 10))
    scan(due, at, GTIN, 1, damaged=True, reason="wet")
    Location.objects.filter(kind="QUALITY").update(is_active=False)
    with pytest.raises(DomainError, match="no open quality place"):
        receipt_closing.close(due.pk, by=BY, at=at)


def test_statements_of_closing_do_not_grow(world: World, at, django_assert_max_num_queries) -> None:
    small, large = ([product() for _ in range(size)] for size in (1, 30))
    receipts = []
    for items in (small, large):
        due = arriving(world, at, *((one, 2) for one in items))
        for one in items:
            scan(due, at, one.sku, 2)
        receipts.append(due)
    with django_assert_max_num_queries(60) as few:
        receipt_closing.close(receipts[0].pk, by=BY, at=at)
    with django_assert_max_num_queries(len(few)):
        receipt_closing.close(receipts[1].pk, by=BY, at=at)
