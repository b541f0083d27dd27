"""The bulk order page: drop a file or paste rows, see prices and faults, mend them in place, order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin.actions import ROLES_THAT_ACT, explain
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site
from b2b.core import clock
from b2b.core.errors import DomainError, Invalid
from b2b.db.selectors import visible
from b2b.directory.models import Organization, Site
from b2b.directory.selectors import organization, site
from orders.admin.bulk_draft import Draft
from orders.admin.bulk_table import sheet_of
from orders.models import Order
from orders.selectors import earlier_order
from orders.services import bulk_order, bulk_result, upload
from orders.services.bulk_order import Preview
from orders.services.order import DuplicateReference

TEMPLATE_ROWS = "sku,quantity,unit,ship_to,need_by_date,max_unit_price,flex_up,flex_down,options\r\n"


class BulkForm(forms.Form):
    """A file or pasted rows, where the goods go, and the dealer's own reference."""

    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.xlsx,.json,.ndjson"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste rows from a spreadsheet"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "SKU-1001\t48\nSKU-1002\t2\tCT"}),
        help_text=gettext_lazy(
            "Columns: SKU, quantity, unit (optional), ship-to (optional), needed by (optional)."
        ),
    )
    site = forms.ChoiceField(label=gettext_lazy("Ship to"))
    reference = forms.CharField(
        label=gettext_lazy("Your reference"), required=False, max_length=80,
        help_text=gettext_lazy("Optional; a reference is taken once."),
    )  # fmt: skip

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [(one.code, one.name) for one in sites]

    def rows(self) -> list[Any]:
        """Return the rows of the file or of the pasted text.

        :raises Invalid: when neither is there, or what is there cannot be read.
        """
        file = self.cleaned_data.get("file")
        if file:
            return upload.read(file.read(), filename=file.name)
        text = self.cleaned_data.get("text", "")
        if text.strip():
            return upload.read(text.encode(), filename="pasted.csv")
        raise Invalid(_("Choose a file or paste at least one row."))


@dealer_site.page(
    "orders/bulk/", name="bulk_order", nav=Nav("buy", 10, "upload_file", gettext_lazy("Bulk order"))
)
def bulk_order_page(request: HttpRequest) -> HttpResponse:
    """Show the empty form, the preview of what was sent, or place the order and show it."""
    sites = list(site.own(actor_of(request)).order_by("code"))
    if "draft" in request.POST:
        return _continue(request, sites)
    form = BulkForm(request.POST or None, request.FILES or None, sites=sites)
    if request.method == "POST" and form.is_valid():
        try:
            draft = Draft.of(
                form.rows(), site_code=form.cleaned_data["site"], reference=form.cleaned_data["reference"]
            )
            return _preview(request, draft, sites)
        except DomainError as error:
            form.add_error(None, explain(error))
    elif again := request.GET.get("again"):
        return _again(request, again, sites)
    return _page(request, "orders/bulk_order.html", form=form, sites=sites)


@dealer_site.page("orders/bulk/template.csv", name="bulk_order_template")
def template_file(request: HttpRequest) -> HttpResponse:
    """Send an empty list with the right headings."""
    headers = {"Content-Disposition": 'attachment; filename="order.csv"'}
    return HttpResponse("\ufeff" + TEMPLATE_ROWS, content_type="text/csv; charset=utf-8", headers=headers)


def _continue(request: HttpRequest, sites: list[Site]) -> HttpResponse:
    try:
        draft = Draft.unseal(request.POST["draft"], actor_of(request)).edited(request.POST)
    except DomainError as error:
        messages.error(request, explain(error))
        return HttpResponseRedirect(reverse("dealer:bulk_order"))
    mode = request.POST.get("do", "check")
    if mode in bulk_result.WRITERS:
        return _result(request, draft, sites, mode)
    if mode not in ("atomic", "per_row"):
        return _preview(request, draft, sites)
    if not actor_of(request).roles & ROLES_THAT_ACT:
        return _preview(request, draft, sites, refusal=_("Your role may look, but not act."))
    try:
        placed = bulk_order.submit(
            draft.rows,
            dealer=_dealer(request),
            ship_to=_chosen(sites, draft.site_code),
            external_reference=draft.order_reference,
            mode=mode,
            by=actor_of(request),
            at=clock.now(),
        )
    except DuplicateReference as error:
        return _twice(request, draft, sites, error)
    except DomainError as error:
        return _preview(request, draft, sites, refusal=explain(error) if not _in_rows(error) else "")
    order = placed.order
    messages.success(
        request,
        (
            _("Order %(number)s waits for approval: %(count)d lines.")
            if order.status == "AWAITING_APPROVAL"
            else _("Order %(number)s is confirmed: %(count)d lines.")
        )
        % {"number": order.number, "count": len(placed.preview.good)},
    )
    return HttpResponseRedirect(reverse("dealer:orders_order_change", args=[order.pk]))


def _result(request: HttpRequest, draft: Draft, sites: list[Site], kind: str) -> HttpResponse:
    """Send every row with its result as a file; the page stays as it is."""
    content = bulk_result.written(_judged(request, draft, sites), draft.rows, kind=kind)
    headers = {"Content-Disposition": f'attachment; filename="result.{kind}"'}
    return HttpResponse(content, content_type=bulk_result.MEDIA_TYPES[kind], headers=headers)


def _twice(request: HttpRequest, draft: Draft, sites: list[Site], error: DomainError) -> HttpResponse:
    """Lead to the order that the same page has placed already; a reference of the dealer's own is a fault."""
    own = visible(actor_of(request), Order)
    if not draft.reference and (order := own.filter(external_reference=draft.key).first()):
        messages.info(
            request, _("This list has been ordered already, as %(number)s.") % {"number": order.number}
        )
        return HttpResponseRedirect(reverse("dealer:orders_order_change", args=[order.pk]))
    return _preview(request, draft, sites, refusal=explain(error))


def _again(request: HttpRequest, order_id: str, sites: list[Site]) -> HttpResponse:
    try:
        order = visible(actor_of(request), Order).get(pk=order_id)
    except (Order.DoesNotExist, ValueError):
        return _page(request, "orders/bulk_order.html", form=BulkForm(sites=sites), sites=sites)
    rows = earlier_order.rows_of(order)
    return _preview(request, Draft.of(rows, site_code="", reference=""), sites)


def _preview(request: HttpRequest, draft: Draft, sites: list[Site], refusal: Any = "") -> HttpResponse:
    preview = _judged(request, draft, sites)
    return _page(
        request,
        "orders/bulk_preview.html",
        draft=draft,
        sealed=draft.seal(actor_of(request)),
        sheet=sheet_of(preview, draft.rows),
        preview=preview,
        refusal=refusal,
        sites=sites,
    )


def _judged(request: HttpRequest, draft: Draft, sites: list[Site]) -> Preview:
    return bulk_order.preview(
        draft.rows,
        dealer=_dealer(request),
        ship_to=_chosen(sites, draft.site_code),
        by=actor_of(request),
        at=clock.now(),
    )


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return TemplateResponse(request, template, dealer_site.page_context(request, _("Bulk order"), **context))


def _dealer(request: HttpRequest) -> Organization:
    return organization.visible(actor_of(request)).get()


def _chosen(sites: list[Site], code: str) -> Site | None:
    return next((one for one in sites if one.code == code), sites[0] if sites else None)


def _in_rows(error: DomainError) -> bool:
    return any(problem.row is not None for problem in error.problems)
