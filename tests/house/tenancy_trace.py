"""The routes of EPCIS, traces and recalls in the tenancy matrix."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from b2b.core import clock
from b2b.core.actor import CARRIER, DEALER, FACTORY, OPERATOR, acting_as, system
from b2b.core.epcis import document
from b2b.directory.models import Organization
from tests.factories import warehousing
from tests.factories.directory import actor
from tests.house.tenancy_line import Case, Line, World
from warehousing.models import EpcisEvent, Lot
from warehousing.services import epcis_capture, recall

PLATFORM = system("test")


def house(world: World) -> warehousing.World:
    return warehousing.World.build(operator=world[OPERATOR], dealer=world[DEALER], factory=world[FACTORY])


def delivered_lot(world: World) -> Lot:
    """A lot of which the dealer got a package."""
    with acting_as(PLATFORM):
        place = house(world)
        lot = place.lot()
        place.stock(4, lot=lot)
        place.gone(4)
    return lot


def _event(world: World) -> EpcisEvent:
    delivered_lot(world)
    with acting_as(PLATFORM):
        return EpcisEvent.objects.get(biz_step="shipping", dealer=world[DEALER])


def _events(world: World) -> Case:
    return Case(marker=_event(world).event_id)


def _one_event(world: World) -> Case:
    made = _event(world)
    return Case({"event_id": quote(made.event_id, safe="")}, marker=made.event_id)


def sent(world: World) -> dict[str, Any]:
    with acting_as(PLATFORM):
        told = [one.document for one in EpcisEvent.objects.all()[:1]]
    return document.document(told, at=clock.now())


def _captured(world: World) -> Case:
    event = _event(world)
    with acting_as(PLATFORM):
        party: Organization = world[FACTORY]
        made = epcis_capture.capture(
            document.document([event.document], at=clock.now()),
            behaviour="proceed",
            by=actor(party),
            at=clock.now() + timedelta(seconds=1),
        )
    return Case({"capture_id": made.pk}, marker=str(made.pk))


def _recall(world: World) -> Case:
    lot = delivered_lot(world)
    with acting_as(PLATFORM):
        made = recall.open_([lot.pk], reason="glass", by=PLATFORM, at=clock.now())
    return Case({"recall_id": made.pk}, marker=made.number)


def _recalls(world: World) -> Case:
    return Case(marker=_recall(world).marker)


def _finding(world: World) -> Case:
    return _recall(world)


def _traced(world: World) -> Case:
    lot = delivered_lot(world)
    return Case(query=f"?sku={lot.product.sku}&lot_number={lot.number}", marker=lot.number)


def _wanted(world: World) -> Any:
    with acting_as(PLATFORM):
        lot = Lot.objects.select_related("product").latest("pk")
    return {"lots": [{"sku": lot.product.sku, "lot_number": lot.number}], "reason": "glass", "rehearse": True}


_DESK = frozenset({"owner", "rival"})
_ALL_PARTIES = frozenset({"owner", "rival", DEALER, FACTORY, CARRIER, OPERATOR})

LINES: dict[str, Line] = {
    "epcis/events": Line(_events),
    "epcis/events/<path:event_id>": Line(_one_event),
    "epcis/capture": Line(_events, sees=frozenset(), changes=_ALL_PARTIES, body=sent),
    "epcis/capture/<uuid:capture_id>": Line(_captured, owner=FACTORY),
    "epcis/capture/<uuid:capture_id>/errors": Line(_captured, owner=FACTORY),
    "trace/": Line(_traced, owner=OPERATOR, sees=_DESK),
    "recalls/": Line(_recalls, changes=frozenset({OPERATOR}), body=_wanted),
    "recalls/<uuid:recall_id>/": Line(_recall),
    "recalls/<uuid:recall_id>/finding/": Line(_finding, owner=OPERATOR, sees=_DESK),
    "recalls/<uuid:recall_id>/answers/": Line(
        _recall, sees=frozenset(), changes=frozenset({"owner", OPERATOR}), body=lambda world: {"held": 1}
    ),
    "recalls/<uuid:recall_id>/close/": Line(_recall, owner=OPERATOR, sees=frozenset(), changes=_DESK),
}
