"""What finance puts on the home pages."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Count, Min, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.home import Figure
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.core import clock
from b2b.directory.selectors import organization
from finance.selectors import bank, credit, invoice


@dealer_site.home.figures(20)
def dealer_figures(request: HttpRequest) -> Iterable[Figure]:
    """Say what credit is left and what is due."""
    actor = actor_of(request)
    dealer = organization.visible(actor).get()
    position = credit.position(actor, dealer.pk, dealer.currency)
    left = position.available
    yield Figure(
        _("Credit left"),
        cells.money(left.amount, left.currency),
        _("of %(limit)s") % {"limit": cells.money(position.limit.amount, position.limit.currency)},
        "",
        "bad" if left.amount <= 0 else "",
    )
    today = clock.today()
    due = (
        invoice.visible(actor)
        .filter(currency=dealer.currency, open_amount__gt=0)
        .order_by()
        .aggregate(
            total=Sum("open_amount"), first=Min("due_date"), late=Count("pk", filter=Q(due_date__lt=today))
        )
    )
    hint = _("nothing is open")
    if due["late"]:
        hint = _("%(count)d overdue") % {"count": due["late"]}
    elif due["first"]:
        hint = _("next due %(day)s") % {"day": cells.day(due["first"])}
    yield Figure(
        _("To pay"),
        cells.money(due["total"] or Decimal(0), dealer.currency),
        hint,
        reverse("dealer:finance_invoice_changelist"),
        "bad" if due["late"] else "",
    )


@operator_site.home.figures(40)
def operator_figures(request: HttpRequest) -> Iterable[Figure]:
    """Count the bank lines nobody has matched, and the open cases."""
    actor = actor_of(request)
    waiting = bank.lines(actor).filter(status__in=("OPEN", "PROPOSED", "IN_CASE")).order_by().count()
    yield Figure(
        _("Bank lines to match"),
        cells.quantity(waiting),
        _("proposed or without an invoice") if waiting else _("every line is matched"),
        reverse("operator:finance_statementline_changelist"),
        "warn" if waiting else "",
    )
    cases = bank.cases(actor).filter(status="OPEN").order_by().count()
    yield Figure(
        _("Open cases"),
        cells.quantity(cases),
        _("a person has to decide") if cases else _("none"),
        reverse("operator:finance_case_changelist") + "?status__exact=OPEN",
        "bad" if cases else "",
    )
