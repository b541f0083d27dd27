"""The dealer's own article codes: looked through, taken over from a file or pasted, and downloaded."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, csv
from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.core.errors import Invalid
from b2b.directory.selectors import organization
from orders.policies.buyers_item import COLUMNS
from orders.selectors import buyers_item
from orders.services import buyers_items
from orders.services.upload import buyers_items as files

CODES_A_PAGE: Final = 100
MODES: Final = (
    ("preview", gettext_lazy("Only check the list")),
    ("merge", gettext_lazy("Add these codes to those I have")),
    ("replace", gettext_lazy("Replace all my codes by these")),
)


class CodesForm(forms.Form):
    """A list of codes, as a file or pasted."""

    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.xlsx"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste rows from a spreadsheet"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "buyers_code\tsku\nA-100\tSKU-1001"}),
        help_text=gettext_lazy("The heading names your code (buyers_code) and our sku or gtin."),
    )
    mode = forms.ChoiceField(label=gettext_lazy("What to do"), choices=MODES)


@dealer_site.page("codes/", name="my_codes", nav=Nav("buy", 16, "qr_code", gettext_lazy("My article codes")))
def my_codes(request: HttpRequest) -> HttpResponse:
    """Show the codes, a page at a time, and take over a list of them, all of its rows or none."""
    form = CodesForm(request.POST or None, request.FILES or None)
    acts = actor_of(request).roles & ROLES_THAT_ACT
    if request.method == "POST" and form.is_valid():
        if not acts:
            messages.error(request, _("Your role may look, but not act."))
        elif carry_out(request, _take, None, form.cleaned_data):
            return HttpResponseRedirect(reverse("dealer:my_codes"))
    found = buyers_item.visible(actor_of(request)).order_by("code")
    words = request.GET.get("q", "").strip()[:80]
    if words:
        found = found.filter(code__istartswith=words) | found.filter(product__sku__istartswith=words)
    page = Paginator(found, CODES_A_PAGE).get_page(request.GET.get("page"))
    table = Table(
        _("My article codes"),
        headings(_("Your code"), _("Product"), _("Written"), _("By")),
        [
            (one.code, cells.two_lines(one.product.name, one.product.sku), cells.moment(one.updated_at), one.updated_by)
            for one in page
        ],
        empty=_("You have told us no code of yours."),
    )  # fmt: skip
    context = dealer_site.page_context(
        request, _("My article codes"), form=form, table=table, page=page, words=words
    )
    return TemplateResponse(request, "orders/my_codes.html", context)


def _take(call: Call) -> str:
    file, text = call.data["file"], call.data["text"]
    if not file and not text.strip():
        raise Invalid(_("Choose a file or paste at least one row."))
    rows = files.read(file.read(), filename=file.name) if file else files.read(text.encode(), kind="csv")
    dealer = organization.visible(call.by).get()
    if call.data["mode"] == "preview":
        coded = buyers_items.preview(rows, dealer=dealer, by=call.by)
        if coded.problems:
            raise buyers_items.InvalidCodes(_("The list has faults."), problems=coded.problems)
        return _("%(count)d codes are in order; nothing was written.") % {"count": len(coded.products)}
    taken = buyers_items.put(rows, dealer=dealer, mode=call.data["mode"], by=call.by, at=call.at)
    return _("%(added)d new, %(changed)d changed, %(removed)d removed.") % {
        "added": taken.added,
        "changed": taken.changed,
        "removed": taken.removed,
    }


@dealer_site.page("codes/export/", name="export_my_codes")
def export_my_codes(request: HttpRequest) -> HttpResponse:
    """Answer with all codes, as a file that can be taken over again."""
    found = buyers_item.visible(actor_of(request)).order_by("code")
    rows = found.values_list("code", "product__sku", "product__gtin")
    return csv.download(f"codes-{clock.now().date()}", COLUMNS, rows.iterator())
