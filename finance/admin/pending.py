"""What waits for somebody in finance: cases and bills that do not match."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin.pending import LISTED, Pending, source
from b2b.admin.sites import actor_of
from b2b.db.selectors import visible
from finance.models import SupplierInvoice
from finance.selectors import bank


@source
def open_cases(request: HttpRequest) -> Iterable[Pending]:
    """Return the differences that a person has to decide."""
    for one in bank.cases(actor_of(request)).filter(status="OPEN").order_by("created_at", "pk")[:LISTED]:
        yield Pending(
            _("Case"),
            one.number,
            one.created_at,
            one.reason,
            str(one.owner) if one.owner is not None else _("Nobody yet"),
            reverse("operator:finance_case_change", args=[one.pk]),
        )


@source
def held_bills(request: HttpRequest) -> Iterable[Pending]:
    """Return factories' bills that did not match and wait for a decision."""
    held = visible(actor_of(request), SupplierInvoice).filter(status="HELD").select_related("factory")
    for one in held.order_by("created_at", "pk")[:LISTED]:
        yield Pending(
            _("Bill held"),
            one.number,
            one.created_at,
            _("%(factory)s: %(verdict)s") % {
                "factory": one.factory.name, "verdict": one.verdict.replace("_", " ").lower()
            },
            _("Finance"),
            reverse("operator:finance_supplierinvoice_change", args=[one.pk]),
        )  # fmt: skip
