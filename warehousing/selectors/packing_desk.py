"""What waits to be packed, as the packing desk shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.directory.models import Site
from warehousing.models import PickTask, Wave
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
    waves = work.waves(actor).filter(status__in=("RELEASED", "PICKED")).order_by("pk")[:SHOWN]
    by_key = {one.pk: one for one in waves}
    rows = staged.to_pack_of(list(by_key))
    sites = Site.objects.visible_to(actor).in_bulk({row.site_id for row in rows})
    products = Product.objects.in_bulk({row.product_id for row in rows})
    found: dict[tuple[UUID, int], Drop] = {}
    for row in rows:
        drop = found.setdefault((row.wave_id, row.site_id), Drop(by_key[row.wave_id], sites[row.site_id]))
        drop.lines.append(Line(products[row.product_id], row.quantity))
    return list(found.values())


def finished(actor: Actor) -> QuerySet[Wave]:
    """Return waves that are picked, or have nothing left to pick, and dispatch has not been told of, oldest first."""
    to_pick = PickTask.objects.filter(wave=OuterRef("pk"), status="OPEN")
    over = Q(status="PICKED") | Q(~Exists(to_pick), status="RELEASED")
    return work.waves(actor).filter(over).order_by("pk")


def wave(actor: Actor, key: str) -> Wave:
    """Return the wave of a key. :raises NotFound: when there is none, or it is not the actor's to see."""
    try:
        found = work.waves(actor).filter(pk=key).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound("there is no such wave")
    return found
