"""Titles, colours and the menu of the sites, as Unfold reads them from the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Group key -> its heading; the order here is the order of the menu.
GROUPS: dict[str, Any] = {
    "buy": gettext_lazy("Buying"),
    "make": gettext_lazy("Making"),
    "pool": gettext_lazy("Pooling"),
    "stock": gettext_lazy("Warehouse"),
    "carry": gettext_lazy("Delivery"),
    "money": gettext_lazy("Money"),
    "platform": gettext_lazy("Platform"),
    "data": gettext_lazy("Reference data"),
}

# One calm hue for all desks, told apart by the symbol and the heading.
TEAL = {
    "50": "oklch(98.4% .014 180.72)",
    "100": "oklch(95.3% .051 180.801)",
    "200": "oklch(91% .096 180.426)",
    "300": "oklch(85.5% .138 181.071)",
    "400": "oklch(77.7% .152 181.912)",
    "500": "oklch(62% .118 184.704)",
    "600": "oklch(52.5% .1 186)",
    "700": "oklch(46% .086 186.392)",
    "800": "oklch(40% .07 188.216)",
    "900": "oklch(36% .058 188.416)",
    "950": "oklch(25.7% .046 192.524)",
}


def menu(site_name: str, request: HttpRequest) -> list[dict[str, Any]]:
    """Build the menu from the lists and pages registered on a site; what may not be seen is not shown."""
    from b2b.admin.sites import SITES

    [site] = [known for known in SITES if known.name == site_name]
    places: dict[str, list[tuple[int, dict[str, Any]]]] = {group: [] for group in GROUPS}
    for page in site.pages:
        if page.nav:
            item = _item(page.nav.title, page.nav.icon, f"{site_name}:{page.name}")
            places[page.nav.group].append((page.nav.order, item))
    for model, admin in site._registry.items():
        nav = getattr(admin, "nav", None)
        if nav and admin.has_view_permission(request):
            title = nav.title or capfirst(model._meta.verbose_name_plural)
            name = f"{site_name}:{model._meta.app_label}_{model._meta.model_name}_changelist"
            places[nav.group].append((nav.order, _item(title, nav.icon, name)))
    home = _item(_("Today"), "home", f"{site_name}:index")
    groups = [{"items": [home]}]
    for group, items in places.items():
        ordered = [item for _order, item in sorted(items, key=lambda pair: pair[0])]
        if ordered:
            groups.append({"title": GROUPS[group], "separator": True, "items": ordered})
    return groups


def _item(title: Any, icon: str, url_name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(url_name)}


def dealer_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the dealer's menu."""
    return menu("dealer", request)


def factory_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the factory's menu."""
    return menu("factory", request)


def funder_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the funder's menu."""
    return menu("funder", request)


def operator_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the operator's menu."""
    return menu("operator", request)


def style(request: HttpRequest) -> str:
    """Return the address of the one style sheet of ours."""
    return static("b2b_admin/midstream.css")


def script(request: HttpRequest) -> str:
    """Return the address of the one script of ours."""
    return static("b2b_admin/midstream.js")


def icon(request: HttpRequest) -> str:
    """Return the address of the sites' icon."""
    return static("b2b_admin/icon.svg")


def dealer_desk(request: HttpRequest) -> str:
    """Say whose desk it is."""
    return _desk(_("Dealer desk"), request)


def factory_desk(request: HttpRequest) -> str:
    """Say whose desk it is."""
    return _desk(_("Factory desk"), request)


def funder_desk(request: HttpRequest) -> str:
    """Say whose desk it is."""
    return _desk(_("Funder desk"), request)


def operator_desk(request: HttpRequest) -> str:
    """Say whose desk it is."""
    return _desk(_("Operator desk"), request)


def _desk(name: str, request: HttpRequest) -> str:
    actor = getattr(request, "actor", None)
    return f"{name} · {actor.organization_code}" if actor and actor.organization_code else name


def _site(title: Any, subheader: Any, symbol: str, navigation: Callable[..., Any]) -> dict[str, Any]:
    return {
        "SITE_TITLE": title,
        "SITE_HEADER": "Midstream",
        "SITE_SUBHEADER": subheader,
        "SITE_SYMBOL": symbol,
        "SITE_URL": None,
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
        "SHOW_HISTORY": False,
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_LANGUAGES": False,
        "BORDER_RADIUS": "6px",
        "COLORS": {"primary": TEAL},
        "STYLES": [style],
        "SCRIPTS": [script],
        "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": navigation},
    }


UNFOLD_DEALER = _site(gettext_lazy("Midstream for dealers"), dealer_desk, "storefront", dealer_menu)
UNFOLD_FACTORY = _site(gettext_lazy("Midstream for factories"), factory_desk, "factory", factory_menu)
UNFOLD_FUNDER = _site(gettext_lazy("Midstream for funders"), funder_desk, "account_balance", funder_menu)
UNFOLD_OPERATOR = _site(gettext_lazy("Midstream operations"), operator_desk, "hub", operator_menu)
UNFOLD = UNFOLD_OPERATOR
