"""What waits to be packed, as the packing desk shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.directory.models import Site
from warehousing.models import Wave
from warehousing.selectors import staged, work

SHOWN = 20


@dataclass(slots=True)
class Line:
    """Goods for one ship-to that stand in staging."""

    product: Product
    quantity: int


@dataclass(slots=True)
class Drop:
    """What of a wave is to be packed for one ship-to."""

    wave: Wave
    site: Site
    lines: list[Line] = field(default_factory=list)


def drops(actor: Actor) -> list[Drop]:
    """Return what is to be packed in the oldest waves on the floor, by ship-to; only operators see it."""
    found: list[Drop] = []
    for one in work.waves(actor).filter(status__in=("RELEASED", "PICKED")).order_by("pk")[:SHOWN]:
        rows = staged.to_pack(one.pk)
        sites = Site.objects.visible_to(actor).in_bulk({row.site_id for row in rows})
        products = Product.objects.in_bulk({row.product_id for row in rows})
        by_site = {key: Drop(one, site) for key, site in sites.items()}
        for row in rows:
            by_site[row.site_id].lines.append(Line(products[row.product_id], row.quantity))
        found += by_site.values()
    return found


def finished(actor: Actor) -> QuerySet[Wave]:
    """Return picked waves dispatch has not been told of, oldest first."""
    return work.waves(actor).filter(status="PICKED").order_by("pk")


def wave(actor: Actor, key: str) -> Wave:
    """Return the wave of a key. :raises NotFound: when there is none, or it is not the actor's to see."""
    try:
        found = work.waves(actor).filter(pk=key).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound("there is no such wave")
    return found
