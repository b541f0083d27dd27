"""How the quotations of a request compare, as tables."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import Actor
from orders.models import QuotationRequest
from orders.selectors import quotation as selectors

SCENARIOS = {
    "best_price": gettext_lazy("Best price by line"),
    "fastest": gettext_lazy("Fastest by line"),
    "one_supplier": gettext_lazy("All from one"),
}


def comparison(actor: Actor, request: QuotationRequest) -> Iterable[Table]:
    """Return the offers by line, cheapest first, and the scenarios; nothing while the quotations are sealed."""
    found = selectors.compare(actor, request)
    if not found.lines:
        return
    names = {
        line.quotation.factory_id: line.quotation.factory.name
        for line in found.lines.values()
        if line.quotation.factory
    }
    rows = []
    for number, ranked in found.ranked.items():
        for place, one in enumerate(ranked):
            line = found.lines[one.offer.offer_id]
            rows.append(
                (
                    number if not place else "",
                    names[one.offer.supplier_id],
                    line.product.sku + (f" ({_('alternate')})" if one.offer.is_alternate else ""),
                    cells.quantity(one.quantity),
                    cells.unit_price(one.unit_price, request.currency),
                    cells.amount(one.cost, request.currency),
                    one.offer.lead_time_days,
                )
            )
    money = {"currency": request.currency}
    yield Table(
        _("Offers by line, cheapest first"),
        headings(
            _("Line"),
            _("Factory"),
            _("Product"),
            (_("To buy"),),
            (_("Price, %(currency)s") % money,),
            (_("Cost, %(currency)s") % money,),
            (_("Days"),),
        ),
        rows,
    )
    yield Table(
        _("Scenarios"),
        headings(_("How"), _("Factory"), (_("Cost, %(currency)s") % money,), (_("Days"),), _("Open lines")),
        [
            (
                SCENARIOS[one.name],
                names.get(one.supplier_id, ""),
                cells.amount(one.cost, request.currency),
                one.lead_time_days,
                ", ".join(map(str, one.missing)),
            )
            for one in found.scenarios
        ],
    )
