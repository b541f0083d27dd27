"""What stands on the label and the packing list of a package."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.directory.models import Site
from warehousing.models import DemandOrder, PackageLine
from warehousing.policies.label import Content, Label, Party
from warehousing.selectors import package


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
    )


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
