"""Charge more on an invoice, from its page, and take that back; the note is an invoice among the others."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import Call, service_action
from b2b.admin.lines import paged
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from finance.models import Invoice
from finance.policies.trade_document import DEBIT_NOTE, INVOICE
from finance.services import debit_note, debit_note_credit
from finance.services.debit_note import Debited

_LINE = re.compile(r"(\d{1,6})\s*:\s*(\d{1,12})\s*[x×]\s*(\S{1,20})(?:\s+(.*))?", re.ASCII)


class DebitForm(forms.Form):
    """Which lines are charged more, by how much, and why."""

    lines = forms.CharField(
        label=gettext_lazy("Lines"),
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "1: 40 x 0.50 price agreed on 3 March"}),
        help_text=gettext_lazy(
            "One a line: number of the invoice's line, colon, quantity x what each costs more before tax, what for."
        ),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def clean_lines(self) -> list[Debited]:
        """Read the lines.

        :raises ValidationError: naming the one that cannot be read.
        """
        return [_read(text.strip()) for text in self.cleaned_data["lines"].splitlines() if text.strip()]


def _read(text: str) -> Debited:
    found = _LINE.fullmatch(text)
    try:
        price = Decimal(found[3]) if found else None
    except InvalidOperation:
        price = None
    if found is None or price is None or not price.is_finite():
        raise ValidationError(_("%(line)s: write e.g. 1: 40 x 0.50 what for"), params={"line": text[:60]})
    return Debited(int(found[1]), int(found[2]), price, found[4] or "")


@service_action(
    gettext_lazy("Issue a debit note"), form=DebitForm, when=lambda invoice: invoice.type_code == INVOICE
)
def debit(page: Any, call: Call) -> str:
    """Charge more than was invoiced."""
    note = debit_note.issue(
        call.obj.pk, call.data["lines"], reason=call.data["reason"], by=call.by, at=call.at
    )
    return _("%(number)s over %(amount)s is issued.") % {
        "number": note.number,
        "amount": cells.money(note.gross_amount, note.currency),
    }


_UNITS = re.compile(r"(\d{1,6})\s*:\s*(\d{1,12})", re.ASCII)


class CreditForm(forms.Form):
    """How much of which lines is taken back, and why."""

    lines = forms.CharField(
        label=gettext_lazy("Lines"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "1: 40"}),
        help_text=gettext_lazy(
            "One a line: number of the line, colon, quantity. Leave it empty to take back all that is left."
        ),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def clean_lines(self) -> dict[int, int]:
        """Read the quantities by line.

        :raises ValidationError: naming the one that cannot be read, or is there twice.
        """
        found: dict[int, int] = {}
        for text in filter(None, map(str.strip, self.cleaned_data["lines"].splitlines())):
            read = _UNITS.fullmatch(text)
            if read is None or int(read[1]) in found:
                raise ValidationError(
                    _("%(line)s: write e.g. 1: 40, each line once"), params={"line": text[:60]}
                )
            found[int(read[1])] = int(read[2])
        return found


@service_action(
    gettext_lazy("Take back by a credit note"),
    form=CreditForm,
    when=lambda invoice: invoice.type_code == DEBIT_NOTE,
)
def take_back(page: Any, call: Call) -> str:
    """Credit a debit note, in full or in part."""
    note = debit_note_credit.credit(
        call.obj.pk, call.data["lines"], reason=call.data["reason"], by=call.by, at=call.at
    )
    return _("%(number)s over %(amount)s is issued.") % {
        "number": note.number,
        "amount": cells.money(note.gross_amount, note.currency),
    }


def charged(request: HttpRequest, note: Invoice) -> Table:
    """Show what a debit note charges."""
    return paged(
        request,
        note.debit_lines.select_related("invoice_line").order_by("line_number"),
        _("Lines"),
        headings(
            _("Line"),
            _("What for"),
            _("Order"),
            (_("Quantity"),),
            (_("Unit price"),),
            (_("Tax rate"),),
            (_("Net"),),
        ),
        lambda line: (
            line.line_number,
            cells.two_lines(line.text, line.invoice_line.sku),
            line.invoice_line.order_number,
            cells.quantity(line.quantity),
            cells.unit_price(line.unit_price, note.currency),
            cells.percent(line.tax_rate),
            cells.amount(line.net_amount, note.currency),
        ),
    )
