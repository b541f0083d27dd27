"""The front door: where to go from here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

DOORS = (
    ("/dealer/", _("Dealers"), _("Order, follow, pay")),
    ("/factory/", _("Factories"), _("See demand, bill, be paid early")),
    ("/funder/", _("Funders"), _("Open programmes, follow your money")),
    ("/operator/", _("Operators"), _("Pool, store, carry, settle")),
    ("/api/v1/docs/", _("API"), _("Connect your own system: every operation and member")),
    ("/healthz", _("Health"), _("Which parts work")),
)


def index(request: HttpRequest) -> HttpResponse:
    """Show the doors."""
    return render(request, "http/index.html", {"doors": DOORS})
