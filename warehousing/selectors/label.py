"""What stands on the label and the packing list of a package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor, acting_as, system
from b2b.directory.models import Site
from warehousing.models import DemandOrder, Package, PackageLine
from warehousing.policies.label import Content, Label, Party
from warehousing.selectors import package, package_marks

COLD: Final = {"CHILLED": "KEEP CHILLED", "FROZEN": "KEEP FROZEN"}


def of_package(actor: Actor, sscc: str) -> Label:
    """Return what to print for a package.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    found = package.by_sscc(actor, sscc)
    lines = list(found.lines.all())
    numbers = dict(
        DemandOrder.objects.visible_to(actor)
        .filter(pk__in={line.demand.order_id for line in lines})
        .values_list("order_id", "number")
    )
    return Label(
        sscc=found.sscc,
        sender=_party(found.warehouse.site),
        receiver=_party(found.ship_to_site),
        contents=tuple(
            _content(line, numbers.get(line.demand.order_id, ""))
            for line in sorted(lines, key=lambda line: line.line_number)
        ),
        gross_weight_g=found.weight_g,
        need_by=found.need_by_date,
        hints=tuple(_hints(found.pk)),
    )


def _hints(package_id: UUID) -> list[str]:
    """Say what people handle it by, what matters most first: danger, cold, then where it goes with whom and when.

    Waves and picks are the house's own, what they mean for a package is for everybody who handles it.
    """
    with acting_as(system("labels")):
        rows = Package.objects.select_related("handling_unit", "warehouse", "wave__carrier")
        found = rows.prefetch_related("lines__product").get(pk=package_id)
        return list(_said(found))


def _said(found: Package) -> Iterator[str]:
    marks = package_marks.of_packages([found])[found.pk]
    wave = found.wave
    if marks.hazard:
        yield marks.hazard
    if marks.temperature in COLD:
        yield COLD[marks.temperature]
    if wave.route:
        yield f"Route {wave.route}"
    if wave.carrier:
        yield wave.carrier.name
    if wave.cut_off_at:
        yield f"Ready by {wave.cut_off_at:%m-%d %H:%M}"
    yield f"Wave {wave.number}"


def _party(site: Site) -> Party:
    return Party(site.name, site.address, site.gln)


def _content(line: PackageLine, order: str) -> Content:
    return Content(
        gtin=line.product.gtin,
        quantity=line.quantity,
        lot=line.lot.number if line.lot else "",
        expiry=line.lot.expiry_date if line.lot else None,
        best_before=line.lot.best_before_date if line.lot else None,
        sku=line.product.sku,
        name=line.product.name,
        order=order,
    )
