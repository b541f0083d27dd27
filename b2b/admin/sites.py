"""The dealer's, the factory's, the funder's and the operator's admin site: one set of services, four doors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite

from b2b.admin.home import Home
from b2b.admin.login import login_form_for
from b2b.admin.nav import Nav, Page
from b2b.core import actor
from b2b.core.actor import NOBODY_ACTOR, Actor
from b2b.directory.selectors import acting
from b2b.http import signed_in

DOORS = {
    actor.DEALER: "dealer",
    actor.FACTORY: "factory",
    actor.FUNDER: "funder",
    actor.OPERATOR: "operator",
}


def actor_of(request: HttpRequest) -> Actor:
    """Return who the request acts as, as b2b.http.middleware found it."""
    return getattr(request, "actor", NOBODY_ACTOR)


class PartySite(UnfoldAdminSite):
    """An admin site for people of one kind of organisation; Django's staff and superuser flags mean nothing here."""

    kind = ""
    index_template = "b2b_admin/home.html"
    login_template = "b2b_admin/login.html"
    empty_value_display = "–"

    def __init__(self, name: str) -> None:
        self.login_form = login_form_for(self.kind)
        self.pages: list[Page] = []
        self.home = Home()
        super().__init__(name)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whoever acts for an organisation of the site's kind, and nobody else."""
        return actor_of(request).kind == self.kind

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Let links on a page of this site lead to this site, then do what Django does."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            request.current_app = self.name  # type: ignore[attr-defined]
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, guarded)

    def page(
        self, route: str, *, name: str, nav: Nav | None = None
    ) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
        """Add a page of its own to the site: `@dealer_site.page("orders/bulk/", name="bulk_order", nav=...)`."""

        def add(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            self.pages.append(Page(route=route, name=name, view=view, nav=nav))
            return view

        return add

    def get_urls(self) -> list[Any]:
        """Add the page of the second factor, which stands before the door."""
        from b2b.admin.second_factor import before_the_door

        return [
            path("second-factor/", partial(before_the_door, self), name="second_factor"),
            *super().get_urls(),
        ]

    def extra_urls(self) -> list[URLPattern]:
        """Return the addresses of the pages; asked by Unfold."""
        return [path(page.route, self.admin_view(page.view), name=page.name) for page in self.pages]

    def page_context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        """Return what every page of the site needs."""
        return {**self.each_context(request), "title": title, "actor": actor_of(request), **more}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the figures and cards that the apps put on the home page."""
        return super().index(request, {**self.home.context(request), **(extra_context or {})})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask for a sign-in, go on to the desk, and tell somebody at the wrong door where theirs is."""
        if signed_in.waits(request) and acting.actor_of(request.user).kind == self.kind:
            return HttpResponseRedirect(reverse(f"{self.name}:second_factor"))
        if REDIRECT_FIELD_NAME not in request.GET:  # Unfold's form does not carry Django's hidden field
            request.GET = request.GET.copy()
            request.GET[REDIRECT_FIELD_NAME] = reverse(f"{self.name}:index")
        return super().login(request, {**self._stranger(request), **(extra_context or {})})

    def _stranger(self, request: HttpRequest) -> dict[str, Any]:
        if not request.user.is_authenticated or self.has_permission(request):
            return {}
        who = actor_of(request)
        door = DOORS.get(who.kind, "")
        return {
            "stranger": _("You are signed in as %(name)s, who has no access to this desk.")
            % {"name": request.user},
            "own_door": reverse(f"{door}:index") if door else "",
        }


class DealerSite(PartySite):
    """Where dealers order, follow and pay."""

    kind = actor.DEALER
    settings_name = "UNFOLD_DEALER"
    index_title = gettext_lazy("Today")


class OperatorSite(PartySite):
    """Where the operator of the platform runs the day."""

    kind = actor.OPERATOR
    settings_name = "UNFOLD_OPERATOR"
    index_title = gettext_lazy("Today")


class FactorySite(PartySite):
    """Where factories see what is wanted of them, are paid, and are paid earlier."""

    kind = actor.FACTORY
    settings_name = "UNFOLD_FACTORY"
    index_title = gettext_lazy("Today")


class FunderSite(PartySite):
    """Where funders open programmes and follow their money."""

    kind = actor.FUNDER
    settings_name = "UNFOLD_FUNDER"
    index_title = gettext_lazy("Today")


dealer_site = DealerSite("dealer")
factory_site = FactorySite("factory")
funder_site = FunderSite("funder")
operator_site = OperatorSite("operator")
SITES: tuple[PartySite, ...] = (dealer_site, factory_site, funder_site, operator_site)
