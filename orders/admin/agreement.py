"""Price agreements on the operator's desk: agreed, imported, ended, exported; each change by a service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns, csv
from b2b.admin.actions import Call, service_action
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.core import clock
from b2b.core.actor import Actor
from orders.admin.terms_pages import (
    BreaksField,
    breaks_table,
    buyer_field,
    day_field,
    group_field,
    history_table,
    product_field,
    reason_field,
    seller_field,
)
from orders.models import PriceAgreement
from orders.policies.agreement_row import COLUMNS, Draft, Scope
from orders.policies.pricing import Break
from orders.selectors import price_list as reading
from orders.services import agreements, price_list
from orders.services.agreements import AGREEMENT, Placed
from orders.services.upload import price_list as files

LIST = "operator:orders_priceagreement_changelist"


class TableForm(forms.Form):
    """A new break table and when it holds."""

    breaks = BreaksField(label=gettext_lazy("From quantity, unit price"))
    valid_from = day_field(gettext_lazy("Valid from"))
    valid_to = day_field(gettext_lazy("Last day"), required=False)
    reason = reason_field()


class AgreementForm(TableForm):
    """Who sells what to whom, and at what prices."""

    seller = seller_field()
    product = product_field()
    buyer = buyer_field()
    group = group_field()
    currency = forms.RegexField(r"^[A-Z]{3}$", label=gettext_lazy("Currency"), initial="CNY")
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"), initial=1, min_value=0, max_value=32_767,
        help_text=gettext_lazy("Of two equally near agreements the lower number wins."),
    )  # fmt: skip
    field_order = ("seller", "product", "buyer", "group", "currency", "priority", "breaks")

    def clean(self) -> Any:
        """Refuse two audiences."""
        data = super().clean() or {}
        if data.get("buyer") and data.get("group"):
            raise forms.ValidationError(_("Name a dealer or a group, not both."))
        return data


class ImportForm(forms.Form):
    """A price list, to be checked or put in force."""

    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.xlsx"}),
        help_text=gettext_lazy("Columns: %(columns)s. One row is one break.")
        % {"columns": ", ".join(COLUMNS)},
    )
    check = forms.BooleanField(label=gettext_lazy("Only check it"), required=False)
    reason = reason_field()


class EndForm(forms.Form):
    """The last day of an agreement."""

    last_day = day_field(gettext_lazy("Last day"))
    reason = reason_field()


@operator_site.page("orders/agreements/new/", name="new_agreement")
def new_agreement(request: HttpRequest) -> HttpResponse:
    """Ask for a price and put it in force."""
    form = AgreementForm(request.POST or None, initial={"valid_from": clock.now().date()})
    return asking_page(request, _("Agree a price"), form, _agree, LIST)


def _agree(call: Call) -> str:
    data = call.data
    group = data["group"]
    audience = data["buyer"].pk if data["buyer"] else -group.pk if group else 0
    scope = Scope(data["seller"].pk, audience, data["product"].pk, data["currency"], data["priority"])
    return _put(call, scope, data["product"].sku)


def _put(call: Call, scope: Scope, sku: str) -> str:
    breaks: Sequence[Break] = call.data["breaks"]
    draft = Draft(scope, call.data["valid_from"], call.data["valid_to"], tuple(breaks), 1, sku)
    return told(agreements.put([draft], reason=call.data["reason"], by=call.by, at=call.at))


def told(placed: Placed) -> str:
    """Say what came of agreements that were put in force."""
    return _("%(created)d new, %(replaced)d changed, %(ended)d ended, %(unchanged)d as they were.") % {
        "created": placed.created,
        "replaced": placed.replaced,
        "ended": placed.ended,
        "unchanged": placed.unchanged,
    }


@operator_site.page("orders/agreements/import/", name="import_prices")
def import_prices(request: HttpRequest) -> HttpResponse:
    """Ask for a price list; check it or put it in force, all of its rows or none."""
    form = ImportForm(request.POST or None, request.FILES or None)
    return asking_page(request, _("Import a price list"), form, _import, LIST)


def _import(call: Call) -> str:
    file = call.data["file"]
    rows = files.read(file.read(), filename=file.name)
    if not call.data["check"]:
        return told(price_list.put(rows, reason=call.data["reason"], by=call.by, at=call.at))
    judged = price_list.preview(rows, by=call.by, at=call.at)
    if judged.problems:
        raise agreements.InvalidAgreements(_("The list has faults."), problems=judged.problems)
    return _("%(count)d agreements are in order; nothing was written.") % {"count": len(judged.drafts)}


@operator_site.page("orders/agreements/export/", name="export_prices")
def export_prices(request: HttpRequest) -> HttpResponse:
    """Answer with the agreements that hold or will, as a file that can be imported again."""
    today = clock.now().date()
    found = reading.agreements(actor_of(request)).exclude(valid_to__lt=today)
    return csv.download(f"prices-{today}", COLUMNS, reading.as_rows(found))


@admin.register(PriceAgreement, site=operator_site)
class Agreements(ReadOnlyAdmin):
    """What a seller asks for a product, of whom, from which quantity, from when to when."""

    nav = Nav("data", 70, "sell")
    list_display = (
        columns.text("product", gettext_lazy("Product"), "product__sku"),
        columns.text("seller", gettext_lazy("Seller"), "seller__code"),
        columns.text("buyer", gettext_lazy("Dealer"), "buyer__code"),
        columns.text("buyer_group", gettext_lazy("Buyer group"), "buyer_group__code"),
        "currency",
        "priority",
        columns.day("valid_from", gettext_lazy("Valid from"), "valid_from"),
        columns.day("valid_to", gettext_lazy("Last day"), "valid_to"),
    )
    list_filter = ("currency", "buyer_group")
    search_fields = ("product__sku__startswith", "seller__code__startswith", "buyer__code__startswith")
    ordering = ("product__sku", "-valid_from")
    list_before_template = "orders/agreement_links.html"
    buttons = ("new_prices", "end")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the agreements with who and what they name."""
        return reading.agreements(actor)

    def facts(self, request: HttpRequest, obj: PriceAgreement) -> Iterable[Fact]:
        """Say who sells what to whom, and when."""
        yield Fact(_("Product"), str(obj.product))
        yield Fact(_("Seller"), str(obj.seller))
        yield Fact(_("For"), str(obj.buyer or obj.buyer_group or _("everyone")))
        yield Fact(_("Days"), f"{cells.day(obj.valid_from)} – {cells.day(obj.valid_to)}")
        yield Fact(_("Priority"), str(obj.priority))

    def tables(self, request: HttpRequest, obj: PriceAgreement) -> Iterable[Table]:
        """Show the prices and who changed them."""
        yield breaks_table(obj.breaks.all(), obj.currency)
        yield history_table(request, AGREEMENT, obj.pk)

    @service_action(gettext_lazy("New prices"), form=TableForm)
    def new_prices(self, call: Call) -> str:
        """Replace the prices from a day on."""
        one: PriceAgreement = call.obj
        scope = Scope(one.seller_id, one.audience, one.product_id, one.currency, one.priority)
        return _put(call, scope, one.product.sku)

    @service_action(gettext_lazy("End"), form=EndForm, danger=True)
    def end(self, call: Call) -> str:
        """Let it hold until a day."""
        ended = agreements.end(
            call.obj, last_day=call.data["last_day"], reason=call.data["reason"], by=call.by, at=call.at
        )
        return _("It holds until %(day)s.") % {"day": cells.day(ended.valid_to)}
