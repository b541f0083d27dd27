from datetime import UTC, datetime

from b2b.core.epcis import event, uris
from b2b.core.epcis.event import Facts, Goods
from b2b.core.epcis.fold import fold

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LOT = uris.lot("4006381333931", "L1")
CARTON, PALLET = uris.unit("095212340000000012"), uris.unit("095212340000000029")
DOCK, SHELF, SHOP = "urn:x:dock", "urn:x:shelf", "urn:x:shop"


def move(source: str, destination: str, quantity: int = 0, epcs: tuple[str, ...] = ()) -> dict[str, object]:
    facts = Facts(AT, "storing", source=source, destination=destination)
    return event.object_event(facts, epcs=epcs, goods=[Goods(LOT, quantity)] if quantity else [])


def test_units_take_what_is_in_them_along() -> None:
    packed = event.aggregation_event(Facts(AT, "packing", action="ADD"), parent=CARTON, goods=[Goods(LOT, 4)])
    nested = event.aggregation_event(Facts(AT, "packing", action="ADD"), parent=PALLET, epcs=[CARTON])
    opened = event.aggregation_event(
        Facts(AT, "unpacking", action="DELETE"), parent=CARTON, goods=[Goods(LOT, 1)]
    )
    events = [
        move("", DOCK, 10),
        move(DOCK, SHELF, 6),
        packed,
        nested,
        move(SHELF, SHOP, epcs=(PALLET,)),
        opened,
    ]
    stock = fold(events)
    assert {key[1]: quantity for key, quantity in stock.held.items()} == {DOCK: 4, SHELF: 2, SHOP: 4}
    assert stock.inside(PALLET) == {LOT: 3}


def test_an_event_declared_an_error_counts_for_nothing() -> None:
    wrong = move("", DOCK, 7)
    declared = {**wrong, "errorDeclaration": {"declarationTime": "2026-03-03T00:00:00Z"}}
    assert not +fold([wrong, declared]).held
    assert event.mentions(wrong) == [event.Mention(LOT, "EPC", 7)]
