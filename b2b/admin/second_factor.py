"""The second factor at the doors: set it up, show a code, see how safe one's sign-in is."""

from __future__ import annotations

from base64 import b32encode
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin.nav import Nav
from b2b.admin.sites import SITES, PartySite
from b2b.core.errors import DomainError
from b2b.core.paper import symbols
from b2b.directory.selectors.acting import actor_of
from b2b.directory.services import second_factor
from b2b.http import signed_in

PAGE = "b2b_admin/second_factor.html"


class CodeForm(forms.Form):
    """Ask for a code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=32,
        help_text=gettext_lazy("Six digits of the app, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


def before_the_door(site: PartySite, request: HttpRequest) -> HttpResponse:
    """Let somebody who has given the password set up a second factor or show a code of it."""
    user: Any = request.user
    request.current_app = site.name  # type: ignore[attr-defined]
    home = reverse(f"{site.name}:index")
    if not user.is_authenticated or actor_of(user).kind != site.kind:
        return HttpResponseRedirect(reverse(f"{site.name}:login"))
    if user.second_factor and not signed_in.waits(request):
        return HttpResponseRedirect(home)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if user.second_factor:
                signed_in.pass_on(request, second_factor.prove(user, form.cleaned_data["code"]))
                return HttpResponseRedirect(home)
            codes = second_factor.confirm(user, form.cleaned_data["code"])
            signed_in.pass_on(request, user.second_factor)
            return _page(site, request, _("Your recovery codes"), codes=codes, home=home)
        except DomainError as error:
            refuse(form, error)
    if user.second_factor:
        return _page(site, request, _("Show a code"), form=form)
    device = second_factor.begin(user)
    more = {"symbol": drawn(symbols.qr(device.config_url)), "secret": secret_of(device)}
    return _page(site, request, _("Set up the second factor"), form=form, **more)


def security(site: PartySite, request: HttpRequest) -> HttpResponse:
    """Show how one signs in, and renew the recovery codes or switch the second factor off by showing a code."""
    user: Any = request.user
    form = CodeForm(request.POST or None)
    form.fields["code"].widget.attrs.pop("autofocus", None)
    required = actor_of(user).kind in settings.SECOND_FACTOR_REQUIRED
    codes: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            if "renew" in request.POST:
                codes = second_factor.renew_recovery_codes(user, form.cleaned_data["code"])
            elif "off" in request.POST and not required:
                second_factor.switch_off(user, form.cleaned_data["code"])
                messages.success(request, _("You sign in by password alone from now on."))
                return HttpResponseRedirect(reverse(f"{site.name}:security"))
        except DomainError as error:
            refuse(form, error)
    context = site.page_context(
        request, _("Signing in"), form=form, codes=codes, required=required,
        on=bool(user.second_factor), left=second_factor.codes_left(user),
        set_up=reverse(f"{site.name}:second_factor"),
    )  # fmt: skip
    return TemplateResponse(request, "b2b_admin/security.html", context)


for _site in SITES:
    _site.page("security/", name="security", nav=Nav("platform", 90, "lock", gettext_lazy("Signing in")))(
        partial(security, _site)
    )


def refuse(form: forms.Form, error: DomainError) -> None:
    """Say on the form what is wrong with the code and how to go on."""
    remedy = " ".join(problem.remedy for problem in error.problems)
    form.add_error("code", f"{error.message} {remedy}".strip())


def secret_of(device: Any) -> str:
    """Return the device's secret in groups of four, to be typed where no camera is."""
    text = b32encode(device.bin_key).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def drawn(symbol: symbols.Symbol) -> SafeString:
    """Return a bar code symbol as SVG, one unit a module, its quiet zone around it."""
    size = symbol.width + 2 * symbol.quiet
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="1"/>',
        ((at + symbol.quiet, row + symbol.quiet, length) for row, at, length in symbol.bars()),
    )
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" shape-rendering="crispEdges" class="ms-symbol">'
        '<rect width="100%" height="100%" fill="#fff"/>{}</svg>',
        size, size, _("Code to scan with the authenticator app"), bars,
    )  # fmt: skip


def _page(site: PartySite, request: HttpRequest, title: str, **more: Any) -> HttpResponse:
    context = {**site.each_context(request), "title": title, "user": request.user, **more}
    return TemplateResponse(request, PAGE, context)
