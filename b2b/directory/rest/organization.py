"""The caller's own organisation and its places."""

from __future__ import annotations

from typing import Any

from b2b.directory.rest.shapes import OrganizationShape, SiteShape
from b2b.directory.selectors import organization, site
from b2b.http.views import DetailView, ListView


class Me(DetailView):
    """Show the organisation the caller acts for."""

    scope = "directory"
    selector = organization.visible
    serializer = OrganizationShape

    def _named(self) -> dict[str, Any]:
        return {"pk": self.actor.organization_id}


class Sites(ListView):
    """List the active sites of the caller's organisation (an operator: of all), by code."""

    scope = "directory"
    selector = site.own
    serializer = SiteShape
    ordering = "code"


class OneSite(DetailView):
    """Show a site: one's own, or a warehouse of the platform."""

    scope = "directory"
    selector = site.visible
    serializer = SiteShape
    lookup_field = "code"
