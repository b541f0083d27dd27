"""Accounts that should come to nothing: what stands on them, since when, and why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.core import clock
from finance.selectors import clearing_items

SHOWN = 500


@operator_site.page(
    "finance/clearing/",
    name="clearing",
    nav=Nav("money", 85, "hourglass_bottom", gettext_lazy("Items to be cleared")),
)
def clearing(request: HttpRequest) -> HttpResponse:
    """Show what is not cleared, the oldest first, and the sums by age."""
    items = clearing_items.items(actor_of(request), clock.now().date())
    context = operator_site.page_context(
        request,
        _("Items to be cleared"),
        items=items[:SHOWN],
        sums=clearing_items.by_age(items),
        count=len(items),
    )
    return TemplateResponse(request, "finance/clearing.html", context)
