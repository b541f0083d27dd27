"""Buttons that call one service: who asked, when, what came of it, and what went wrong in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin.sites import actor_of
from b2b.core import clock
from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Problem

SHOWN_PROBLEMS = 20
ROLES_THAT_ACT = frozenset({"ADMIN", "BUYER", "CLERK", "FINANCE"})


class ReasonForm(forms.Form):
    """Ask why; the answer stays in the history."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It is kept in the history and shown to the other party."),
    )


@dataclass(frozen=True, slots=True)
class Call:
    """What an action's method gets: the object, who asks, when, and the cleaned form."""

    request: HttpRequest
    obj: Any
    by: Actor
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceAction:
    """How a button looks and when it is offered."""

    name: str
    label: Any
    verb: str
    form: type[forms.Form] | Callable[[HttpRequest, Any], type[forms.Form]] | None
    confirm: Any
    danger: bool
    when: Callable[[Any], bool] | None
    method: Callable[..., Any]

    @property
    def asks_first(self) -> bool:
        """Whether a page of its own asks for input or a confirmation."""
        return self.form is not None or bool(self.confirm)

    def offered(self, actor: Actor, obj: Any) -> bool:
        """Tell whether the object's status and the person's role allow it."""
        if not actor.roles & ROLES_THAT_ACT:
            return False
        machine = getattr(obj, "machine", None)
        if self.verb and machine is not None and not machine.allows(obj.status, self.verb):
            return False
        return self.when is None or self.when(obj)


def service_action(
    label: Any,
    *,
    verb: str = "",
    form: type[forms.Form] | Callable[[HttpRequest, Any], type[forms.Form]] | None = None,
    confirm: Any = "",
    danger: bool = False,
    when: Callable[[Any], bool] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a method `(self, call: Call) -> message` of an admin as a button of its detail page.

    `verb` is the machine's; the button shows only while the status allows it. With `form` or `confirm` a page asks
    first. The method calls one service with `by=call.by, at=call.at` and returns what happened, in a sentence.
    """

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        method.service_action = ServiceAction(  # type: ignore[attr-defined]
            method.__name__, label, verb, form, confirm, danger, when, method
        )
        return method

    return mark


def list_action(label: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make an action of a list from a method `(self, call: Call) -> message`; `call.obj` is the chosen rows."""

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        def act(admin: Any, request: HttpRequest, chosen: Any) -> None:
            if actor_of(request).roles & ROLES_THAT_ACT:
                carry_out(request, lambda call: method(admin, call), chosen, {})
            else:
                messages.error(request, _("Your role may look, but not act."))

        act.__name__, act.__doc__ = method.__name__, method.__doc__
        act.short_description = label  # type: ignore[attr-defined]
        return act

    return mark


def carry_out(request: HttpRequest, act: Callable[[Call], Any], obj: Any, data: dict[str, Any]) -> Any:
    """Call a service and tell the person what came of it; return False when it refused, else what was told.

    An action that has to show more than a sentence returns a page of its own, which is told by showing it.
    """
    call = Call(request=request, obj=obj, by=actor_of(request), at=clock.now(), data=data)
    try:
        message = act(call)
    except DomainError as error:
        messages.error(request, explain(error))
        return False
    message = message or _("Done.")
    if not isinstance(message, HttpResponseBase):
        messages.success(request, message)
    return message


def explain(error: DomainError) -> SafeString:
    """Write a refusal as a sentence and, below it, its problems with their place and remedy."""
    if not error.problems:
        return format_html("{}", error.message)
    return format_html("{}<ul>{}</ul>", error.message, _listed(error.problems))


def _listed(problems: Iterable[Problem]) -> SafeString:
    shown = list(problems)
    lines = [(_place(problem), problem.message, problem.remedy) for problem in shown[:SHOWN_PROBLEMS]]
    if len(shown) > SHOWN_PROBLEMS:
        lines.append(("", _("and %(count)d more") % {"count": len(shown) - SHOWN_PROBLEMS}, ""))
    return format_html_join("", "<li>{}{} {}</li>", lines)


def _place(problem: Problem) -> str:
    if problem.row is not None:
        return _("Row %(row)d: ") % {"row": problem.row}
    return f"{problem.field}: " if problem.field else ""
