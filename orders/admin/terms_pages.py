"""What the operator's pages of agreements, rules and sources have in common: forms by code, breaks, history."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.sites import actor_of
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from b2b.catalog.models import Product
from b2b.catalog.selectors import product
from b2b.core.actor import DEALER, FACTORY, current
from b2b.directory.models import Organization
from b2b.directory.selectors import buyer_group, organization
from orders.models import TermsChange
from orders.policies.pricing import Break
from orders.selectors import price_list

CHANGES_SHOWN: Final = 50
LINE: Final = re.compile(r"^\s*(\d{1,13})[\s:;]+(\S+)\s*$")


class CodeField(forms.CharField):
    """A code that names one thing the operator may see."""

    def __init__(self, find: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)
        self.find = find

    def clean(self, value: Any) -> Any:
        """Return what the code names, None for an empty one."""
        text = super().clean(value).strip()
        if not text:
            return None
        found = self.find(text)
        if found is None:
            raise forms.ValidationError(_("There is no %(code)s.") % {"code": text})
        return found


class BreaksField(forms.CharField):
    """A break table: one quantity and price a line."""

    widget = forms.Textarea(attrs={"rows": 6, "placeholder": "1 12.50\n100 10.80"})

    def clean(self, value: Any) -> Any:
        """Return the breaks in the order of their quantities."""
        breaks = [self._read(line) for line in super().clean(value).splitlines() if line.strip()]
        if len({step.min_quantity for step in breaks}) < len(breaks):
            raise forms.ValidationError(_("There are two prices of one quantity."))
        return sorted(breaks)

    def _read(self, line: str) -> Break:
        found = LINE.match(line)
        try:
            step = Break(int(found[1]), Decimal(found[2])) if found else None
        except InvalidOperation:
            step = None
        if step is None or step.min_quantity < 1 or not 0 <= step.unit_price < Decimal(10) ** 12:
            raise forms.ValidationError(_("%(line)s is no quantity and price.") % {"line": line.strip()[:40]})
        return step


def seller_field(**kwargs: Any) -> CodeField:
    """Ask for a factory."""
    return CodeField(_organization(FACTORY), label=gettext_lazy("Factory (code)"), **kwargs)


def buyer_field() -> CodeField:
    """Ask for a dealer, or nobody in particular."""
    return CodeField(_organization(DEALER), label=gettext_lazy("Dealer (code)"), required=False)


def group_field() -> CodeField:
    """Ask for a buyer group, or none."""
    return CodeField(
        lambda code: buyer_group.visible(current()).filter(code=code).first(),
        label=gettext_lazy("Buyer group (code)"), required=False,
        help_text=gettext_lazy("Leave dealer and group empty for everyone."),
    )  # fmt: skip


def product_field(**kwargs: Any) -> CodeField:
    """Ask for a product."""
    return CodeField(_product, label=gettext_lazy("Product (SKU)"), **kwargs)


def reason_field() -> forms.CharField:
    """Ask why; the answer stays in the history."""
    return forms.CharField(label=gettext_lazy("Why"), max_length=500, required=False)


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """Ask for a day."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **kwargs)


def _organization(kind: str) -> Callable[[str], Organization | None]:
    def find(code: str) -> Organization | None:
        return organization.visible(current()).filter(kind=kind, code=code, is_active=True).first()

    return find


def _product(sku: str) -> Product | None:
    return product.by_sku(current(), [sku]).get(sku)


def breaks_table(breaks: Iterable[Any], currency: str, title: Any = "") -> Table:
    """Show a break table."""
    return Table(
        title or _("Prices"),
        headings((_("From quantity"),), (_("Unit price"),)),
        [(cells.quantity(step.min_quantity), cells.price(step.unit_price, currency)) for step in breaks],
    )


def history_table(request: HttpRequest, subject: str, *subject_ids: int) -> Table:
    """Show who changed what when and why."""
    found = price_list.changes(actor_of(request), subject, *subject_ids)[:CHANGES_SHOWN]
    return Table(
        _("History"), headings(*_HISTORY), list(map(_change, found)), empty=_("As it was first written.")
    )


def history_of_each(request: HttpRequest, subject: str, names: Mapping[int, str], of: str) -> Table:
    """Show the same of several subjects, each by its name."""
    found = price_list.changes(actor_of(request), subject, *names)[:CHANGES_SHOWN]
    rows = [(names[one.subject_id], *_change(one)) for one in found]
    return Table(_("History"), headings(of, *_HISTORY), rows, empty=_("As it was first written."))


_HISTORY: Final = (
    gettext_lazy("When"), gettext_lazy("Who"), gettext_lazy("What"), gettext_lazy("Before"), gettext_lazy("After"),
    gettext_lazy("Why"),
)  # fmt: skip


def _change(one: TermsChange) -> tuple[Any, ...]:
    return (cells.moment(one.at), one.actor_name, one.verb, _told(one.before), _told(one.after), one.reason)


def _told(values: dict[str, Any] | None) -> str:
    if values is None:
        return cells.NOTHING
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items() if value is not None)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " / ".join(f"{quantity}: {Decimal(price).normalize():f}" for quantity, price in value)
    return str(value)
