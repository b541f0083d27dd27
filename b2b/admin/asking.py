"""A page that asks, calls one service and goes back to a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.sites import actor_of, operator_site


def may_act(request: HttpRequest) -> bool:
    """Tell whether the person's role may do more than look, and say so to the person when it may not."""
    if actor_of(request).roles & ROLES_THAT_ACT:
        return True
    messages.error(request, _("Your role may look, but not act."))
    return False


def asking_page(
    request: HttpRequest,
    title: str,
    form: forms.Form,
    act: Callable[[Call], Any],
    back: str,
    *,
    site: Any = operator_site,
) -> HttpResponse:
    """Ask with a form, carry out what it asks for and go back to the page of that name; show refusals on the form."""
    asked = request.method == "POST" and form.is_valid() and may_act(request)
    if asked and carry_out(request, act, None, form.cleaned_data):
        return HttpResponseRedirect(reverse(back))
    context = site.page_context(request, title, form=form)
    return TemplateResponse(request, "b2b_admin/form_page.html", context)
