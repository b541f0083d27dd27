"""Put packages on a pallet and take them off, and tell both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import HandlingUnit, Location, Package
from warehousing.policies import epcis_events
from warehousing.policies.epcis_events import Told
from warehousing.selectors import epcis_names, location
from warehousing.services import epcis


@unit_of_work()
def nest(packages: Sequence[Package], pallet: HandlingUnit | None, *, at: datetime) -> None:
    """Put packages of one warehouse on a pallet, None to take them off what they stand on; each change is an event.

    The caller holds the packages. Constant statements.
    """
    of_unit = {package.handling_unit_id: package for package in packages}
    units = lock(HandlingUnit.objects.filter(pk__in=of_unit))
    target = pallet.pk if pallet else None
    moved = [unit for unit in units if unit.parent_id != target]
    if not moved:
        return
    HandlingUnit.objects.filter(pk__in=[unit.pk for unit in moved]).update(parent=pallet)
    house = packages[0].warehouse_id
    staging = location.by_kind([house])[house, Location.Kind.STAGING]
    parents = {unit.parent_id for unit in moved} | {target}
    names = epcis_names.of_keys(at=at, places=[staging], units={*parents, *(unit.pk for unit in moved)})

    def told() -> Iterator[Told]:
        for parent_id in sorted(key for key in parents if key is not None):
            leaving = [unit.pk for unit in moved if unit.parent_id == parent_id]
            children = leaving or [unit.pk for unit in moved]
            package = of_unit[children[0]]
            yield epcis_events.nested(
                parent_id, children, names, at=at, place_id=staging, is_added=not leaving,
                document_id=package.pk, dealer_id=package.dealer_id,
            )  # fmt: skip

    epcis.record(told(), document_type="package")
