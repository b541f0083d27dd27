"""API keys: a party's own, and everybody's for the operator; a secret is shown once and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, explain, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import PartySite, actor_of, dealer_site, factory_site, operator_site
from b2b.admin.tables import Fact
from b2b.core import clock
from b2b.core.errors import DomainError
from b2b.directory import scopes
from b2b.directory.models import ApiKey
from b2b.directory.selectors import organization
from b2b.directory.services import api_key


class KeyForm(forms.Form):
    """What the key is for, what it may do, and for how long."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "ERP"}),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    lifetime_days = forms.IntegerField(
        label=gettext_lazy("Days it is valid"), min_value=1, max_value=730, initial=api_key.LIFETIME_DAYS
    )
    networks = forms.CharField(
        label=gettext_lazy("Only from these addresses"), required=False,
        help_text=gettext_lazy("Optional: addresses or CIDR blocks, separated by spaces."),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = scopes.allowed(kind)
        self.fields["scopes"].choices = [(scope, f"{scope}: {scopes.SCOPES[scope][0]}") for scope in allowed]
        self.fields["scopes"].initial = allowed


class KeyPages(ReadOnlyAdmin):
    """A list of keys; the page of one with its use, its successor and its end."""

    nav = Nav("platform", 40, "key", gettext_lazy("API keys"))
    ordering = ("-pk",)
    buttons = ("rotate", "revoke")
    search_fields = ("prefix__startswith", "name__startswith")
    detail_select_related = ("organization",)

    def status_of(self, obj: ApiKey) -> str:
        """Say whether the key opens anything."""
        if obj.revoked_at:
            return "revoked"
        return "active" if obj.expires_at > clock.now() else "expired"

    def facts(self, request: HttpRequest, obj: ApiKey) -> Iterable[Fact]:
        """Say what the key may do and how it is used."""
        yield Fact(_("What it is for"), obj.name)
        yield Fact(_("Begins with"), cells.code(obj.prefix))
        yield Fact(_("Organisation"), obj.organization.name)
        yield Fact(_("May"), ", ".join(obj.scopes))
        yield Fact(_("Only from"), ", ".join(obj.allowed_networks) or _("anywhere"))
        yield Fact(_("Issued"), f"{cells.moment(obj.created_at)}, {obj.created_by}")
        yield Fact(_("Valid until"), cells.moment(obj.expires_at))
        yield Fact(_("Last used"), cells.moment(obj.last_used_at))

    @service_action(
        gettext_lazy("Revoke"),
        danger=True,
        confirm=gettext_lazy("Every system that uses this key is locked out at once."),
        when=lambda key: key.revoked_at is None,
    )
    def revoke(self, call: Call) -> Any:
        """End the key."""
        api_key.revoke(call.obj.pk, by=call.by, at=call.at)
        return _("The key %(prefix)s opens nothing any more.") % {"prefix": call.obj.prefix}

    @service_action(
        gettext_lazy("Replace"),
        confirm=gettext_lazy("A new key is made and shown once; this one works for seven days more."),
        when=lambda key: key.revoked_at is None and key.expires_at > clock.now(),
    )
    def rotate(self, call: Call) -> Any:
        """Make a successor and show its text in the answer, once."""
        _key, token = api_key.rotate(call.obj.pk, by=call.by, at=call.at)
        return show_once(call.request, self.admin_site, token)


def show_once(request: HttpRequest, site: PartySite, token: str) -> HttpResponse:
    """Show the text of a new key in the answer itself: it goes into no message, session or cookie."""
    back = reverse(f"{site.name}:directory_apikey_changelist")
    context = site.page_context(request, _("New API key"), token=token, back=back)
    return TemplateResponse(request, "b2b_admin/key.html", context)


@admin.register(ApiKey, site=dealer_site)
@admin.register(ApiKey, site=factory_site)
class OwnKeys(KeyPages):
    """The party's own keys."""

    list_display = (
        "name",
        "prefix",
        columns.moment("created_at", gettext_lazy("Issued"), "created_at"),
        columns.moment("expires_at", gettext_lazy("Valid until"), "expires_at"),
        columns.moment("last_used_at", gettext_lazy("Last used"), "last_used_at"),
        columns.moment("revoked_at", gettext_lazy("Revoked"), "revoked_at"),
    )
    list_before_template = "b2b_admin/new_key.html"


@admin.register(ApiKey, site=operator_site)
class OperatorKeys(KeyPages):
    """The keys of all organisations."""

    list_display = (
        columns.text("organization.code", gettext_lazy("Organisation"), "organization__code"),
        *OwnKeys.list_display,
    )
    list_select_related = ("organization",)


def _new_key(request: HttpRequest, site: PartySite) -> HttpResponse:
    actor = actor_of(request)
    form = KeyForm(request.POST or None, kind=actor.kind)
    if request.method == "POST" and form.is_valid():
        try:
            _key, token = api_key.issue(
                organization.visible(actor).get(),
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                lifetime_days=form.cleaned_data["lifetime_days"],
                allowed_networks=form.cleaned_data["networks"].split(),
                by=actor,
                at=clock.now(),
            )
            return show_once(request, site, token)
        except DomainError as error:
            form.add_error(None, explain(error))
    back = reverse(f"{site.name}:directory_apikey_changelist")
    context = site.page_context(request, _("New API key"), form=form, back=back)
    return TemplateResponse(request, "b2b_admin/key.html", context)


@dealer_site.page("directory/keys/new/", name="new_key")
def new_key(request: HttpRequest) -> HttpResponse:
    """Ask what a dealer's key is for, make it, and show its text once."""
    return _new_key(request, dealer_site)


@factory_site.page("directory/keys/new/", name="new_key")
def new_factory_key(request: HttpRequest) -> HttpResponse:
    """Ask what a factory's key is for, make it, and show its text once."""
    return _new_key(request, factory_site)
