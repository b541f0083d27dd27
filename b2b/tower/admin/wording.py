"""How the figures of the value view are called and written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.tower.policies.value import Value

NAMES: Final[dict[str, Any]] = {
    "orders": gettext_lazy("Orders"),
    "lines": gettext_lazy("Order lines"),
    "ordered_quantity": gettext_lazy("Ordered"),
    "delivered_quantity": gettext_lazy("Delivered"),
    "ordered_amount": gettext_lazy("Ordered for"),
    "baseline": gettext_lazy("Bought alone"),
    "pooled": gettext_lazy("Bought together"),
    "saving": gettext_lazy("Saved by pooling"),
    "dealer_share": gettext_lazy("Of it to dealers"),
    "platform_share": gettext_lazy("Of it to the platform"),
    "factory_share": gettext_lazy("Of it to factories"),
    "settled_dealer_share": gettext_lazy("Settled: dealers"),
    "settled_platform_share": gettext_lazy("Settled: platform"),
    "settled_factory_share": gettext_lazy("Settled: factories"),
    "circulation_cost": gettext_lazy("Circulation cost"),
    "freight_amount": gettext_lazy("Freight to dealers"),
    "inbound_amount": gettext_lazy("Freight from factories"),
    "duty_amount": gettext_lazy("Duty"),
    "storage_amount": gettext_lazy("Warehousing"),
    "fee_amount": gettext_lazy("Platform fees"),
    "financing_amount": gettext_lazy("Financing"),
    "shrinkage_amount": gettext_lazy("Lost and sent back"),
    "claims_amount": gettext_lazy("Claimed back from factories"),
    "cost_per_unit": gettext_lazy("Circulation cost per unit"),
    "saved_after_costs": gettext_lazy("Saved after shared costs"),
    "fill_rate": gettext_lazy("Fill rate"),
    "on_time_in_full": gettext_lazy("On time in full"),
    "cycle_time_s": gettext_lazy("Mean days from order to delivery"),
    "late": gettext_lazy("Lines not whole and in time"),
    "billed": gettext_lazy("Invoices"),
    "purchased": gettext_lazy("Bought from factories"),
    "received": gettext_lazy("Received from factories"),
    "issued": gettext_lazy("Issued from stock"),
}
SHARES: Final = ("dealer_share", "platform_share", "factory_share")
RATES: Final = ("fill_rate", "on_time_in_full")
COUNTS: Final = ("orders", "lines", "ordered_quantity", "delivered_quantity")


def written(value: Value, name: str) -> str:
    """Write one figure as a person reads it."""
    found = getattr(value, name)
    if name in RATES:
        return cells.percent(found)
    if name in COUNTS:
        return cells.quantity(found)
    if name == "cycle_time_s":
        return days(found)
    if name == "cost_per_unit":
        return cells.price(found, value.currency)
    return cells.money(found, value.currency)


def days(seconds: int) -> str:
    """Write seconds as days with one decimal."""
    return str(round(Decimal(seconds) / 86_400, 1)) if seconds else cells.NOTHING


def percent_of(part: Decimal, whole: Decimal) -> str:
    """Write what part of a whole something is, in words of its own."""
    return _("%(percent)s of it") % {"percent": cells.percent(round(part / whole, 3))} if whole else ""
