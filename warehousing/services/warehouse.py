"""Open a warehouse with the places every warehouse has."""

from __future__ import annotations

from b2b.core.errors import NotFound
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from warehousing.models import Location, Warehouse


@unit_of_work()
def open_at(site_id: int, *, aisles: int = 1, bays: int = 1) -> Warehouse:
    """Return the warehouse of a site, opened with its places when it is the first time; three virtual ones included.

    :raises NotFound: when the site is not one for keeping stock.
    """
    known = Warehouse.objects.filter(site_id=site_id).first()
    if known is not None:
        return known
    site = Site.objects.filter(pk=site_id, kind=Site.Kind.WAREHOUSE).first()
    if site is None:
        raise NotFound("no warehouse stands at this site", site=site_id)
    warehouse = Warehouse.objects.create(site=site, code=site.code, name=site.name)
    kinds = Location.Kind
    fixed = (kinds.SUPPLIER, kinds.RECEIVING, kinds.QUALITY, kinds.STAGING, kinds.CUSTOMER, kinds.LOSS)
    Location.objects.bulk_create(
        [
            *(Location(warehouse=warehouse, code=str(kind), kind=kind) for kind in fixed),
            *(
                Location(
                    warehouse=warehouse,
                    code=f"{aisle:02d}-{bay:02d}",
                    kind=kinds.STORAGE,
                    aisle=aisle,
                    bay=bay,
                )
                for aisle in range(1, aisles + 1)
                for bay in range(1, bays + 1)
            ),
        ]
    )
    return warehouse
