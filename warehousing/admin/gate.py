"""The page at the gate: scan, see, scan the next; a keyboard-wedge scanner and the Enter key are all it needs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import ROLES_THAT_ACT, explain
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Table, columns
from b2b.core import clock
from b2b.core.errors import DomainError
from b2b.core.ids import uuid7
from warehousing.models import FoundGoods, Receipt
from warehousing.selectors import receiving, work
from warehousing.services import found_goods, receipt_closing, receipt_scan
from warehousing.services.evidence import Photo
from warehousing.services.found_goods import Finding
from warehousing.services.receipt_scan import Counted, Seen

SHOWN_LINES, SHOWN_SCANS = 200, 15


class ScanForm(forms.Form):
    """What a scanner types, and how the goods look; everything but the code may stay as it is."""

    code = forms.CharField(
        label=gettext_lazy("Scan or type"), max_length=200, strip=True,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("SSCC, GTIN with lot and expiry, Digital Link or SKU; Enter counts it."),
    )  # fmt: skip
    quantity = forms.IntegerField(label=gettext_lazy("Quantity"), initial=1)
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=8)
    damaged = forms.BooleanField(label=gettext_lazy("Damaged"), required=False)
    reason = forms.CharField(label=gettext_lazy("What is wrong"), required=False, max_length=200)
    photo = forms.FileField(label=gettext_lazy("Photo"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)


class FoundForm(forms.Form):
    """Goods nobody expected, in words."""

    prefix = "found"
    description = forms.CharField(label=gettext_lazy("What it is"), max_length=200)
    quantity = forms.IntegerField(label=gettext_lazy("How many"), initial=1)


@operator_site.page("warehousing/gate/<uuid:receipt_id>/", name="gate")
def gate(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    """Count a delivery; every answer leads back to an empty field that has the focus."""
    actor = actor_of(request)
    receipt = work.receipts(actor).filter(pk=receipt_id).first()
    if receipt is None:
        raise Http404(_("There is no such page, or it is not yours to see."))
    fault, found = "", FoundForm()
    form = ScanForm(initial={"quantity": 1, "key": str(uuid7())})
    if request.method == "POST":
        if not actor.roles & ROLES_THAT_ACT:
            fault = _("Your role may look, but not act.")
        else:
            try:
                told = _act(request, receipt)
                messages.success(request, told, extra_tags="gate")
                leave = "close" in request.POST
                return HttpResponseRedirect(_detail(receipt) if leave else request.path)
            except DomainError as error:
                fault = explain(error)
            except forms.ValidationError as error:
                fault = " ".join(error.messages)
    context = operator_site.page_context(
        request,
        _("Count %(number)s") % {"number": receipt.number},
        receipt=receipt,
        form=form,
        found=found,
        fault=fault,
        is_open=receipt.status in ("EXPECTED", "RECEIVING"),
        tables=[_lines(receipt), _scans(request, receipt)],
        back=_detail(receipt),
    )
    return TemplateResponse(request, "warehousing/gate.html", context)


def _detail(receipt: Receipt) -> str:
    return reverse("operator:warehousing_receipt_change", args=[receipt.pk])


def _act(request: HttpRequest, receipt: Receipt) -> str:
    """Do what was pressed and say what came of it."""
    by, at = actor_of(request), clock.now()
    if "take_back" in request.POST:
        key = request.POST["take_back"]
        if not key.isdigit():
            raise forms.ValidationError(_("There is no such scan."))
        one = receipt_scan.take_back(receipt.pk, int(key))
        return _("Taken back: %(quantity)s") % {"quantity": cells.quantity(one.quantity)}
    if "book" in request.POST:
        receipt_closing.book(receipt.pk, by=by, at=at)
        return _("What was counted is in stock.")
    if "close" in request.POST:
        receipt_closing.close(receipt.pk, by=by, at=at)
        return _("%(number)s is closed.") % {"number": receipt.number}
    if "found" in request.POST:
        data = _cleaned(FoundForm(request.POST))
        finding = Finding(
            receipt.warehouse.code, data["quantity"], FoundGoods.Cause.UNKNOWN,
            receipt_id=receipt.pk, description=data["description"],
        )  # fmt: skip
        made = found_goods.record(finding, by=by, at=at)
        return _("%(number)s is recorded: its owner is to be decided.") % {"number": made.number}
    data = _cleaned(ScanForm(request.POST, request.FILES))
    photo = data.pop("photo")
    seen = Seen(**data, photo=Photo(photo.read()) if photo else None)
    return _told(receipt_scan.scan(receipt.pk, seen, by=by, at=at))


def _cleaned(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise forms.ValidationError(
            [
                f"{form.fields[name].label}: {' '.join(found)}"
                for name, found in form.errors.items()
                if name in form.fields
            ]
        )
    return form.cleaned_data


def _told(counted: Counted) -> str:
    parts = [
        f"{cells.quantity(one.quantity)} × {one.line.product.sku}"
        + (f" {one.line.lot_number}" if one.line.lot_number else "")
        + (f" ({one.get_condition_display()})" if one.condition == "DAMAGED" else "")
        for one in counted.scans[:5]
    ]
    if len(counted.scans) > len(parts):
        parts.append(_("and %(count)d more lines") % {"count": len(counted.scans) - len(parts)})
    if counted.parked is not None:
        parts.append(
            _("%(quantity)s too many are parked as %(number)s")
            % {"quantity": cells.quantity(counted.parked.quantity), "number": counted.parked.number}
        )
    return ", ".join(parts)


def _lines(receipt: Receipt) -> Table:
    counted = receiving.progress(receipt)
    lines = receipt.lines.select_related("product").order_by("line_number")[:SHOWN_LINES]
    rows = [
        (
            line.line_number,
            cells.two_lines(line.product.name, line.product.sku),
            line.lot_number or cells.NOTHING,
            cells.quantity(line.expected_quantity),
            cells.quantity(counted.get(line.pk, 0)),
        )
        for line in lines
    ]
    heads = columns(_("Line"), _("Product"), _("Lot"), (_("Advised"),), (_("Counted"),))
    return Table(_("What is expected"), heads, rows)


def _scans(request: HttpRequest, receipt: Receipt) -> Table:
    scans = receiving.scans(actor_of(request), receipt.pk).filter(is_void=False)[:SHOWN_SCANS]
    rows = [
        (
            cells.moment(one.scanned_at),
            one.line.product.sku,
            cells.quantity(one.quantity),
            one.reason or one.get_condition_display(),
            _("booked") if one.part else one.pk,
        )
        for one in scans
    ]
    heads = columns(_("When"), _("Product"), (_("Quantity"),), _("Condition"), _("Scan"))
    return Table(_("Counted last"), heads, rows)
