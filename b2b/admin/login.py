"""Signing in at a door: the password must be right and the organisation of the right kind."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.forms import AuthenticationForm

from b2b.core import actor
from b2b.directory.selectors.acting import actor_of


class DoorForm(AuthenticationForm):
    """Unfold's sign-in form, which asks for a membership instead of Django's staff flag."""

    kind = ""

    def get_invalid_login_error(self) -> ValidationError:
        """Say that the door is locked when it is; a right password does not open it then."""
        if not getattr(self.request, "axes_locked_out", False):
            return super().get_invalid_login_error()
        minutes = round(settings.AXES_COOLOFF_TIME * 60)
        message = _(
            "Too many wrong passwords. Wait %(minutes)d minutes, then try again or ask for a new one."
        )
        return ValidationError(message % {"minutes": minutes}, code="locked")

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse people without a membership in an organisation of the door's kind.

        :raises ValidationError: with a sentence that says what to do.
        """
        if not user.is_active:
            raise ValidationError(_("This login is switched off. Ask your administrator."), code="inactive")
        kind = actor_of(user).kind
        if kind == self.kind:
            return
        if kind == actor.NOBODY:
            message = _("This login belongs to no organisation yet. Ask the operator to add you to one.")
        elif self.kind == actor.OPERATOR:
            message = _("This desk is for the operator of the platform; dealers sign in at the dealer desk.")
        elif self.kind == actor.FACTORY:
            message = _("This desk is for factories; your organisation is not one.")
        elif self.kind == actor.FUNDER:
            message = _("This desk is for funders; your organisation is not one.")
        else:
            message = _("This desk is for dealers; your organisation is not one.")
        raise ValidationError(message, code="wrong_door")


def login_form_for(kind: str) -> type[DoorForm]:
    """Return the sign-in form of the door for one kind of organisation."""
    return type(f"{kind.capitalize()}DoorForm", (DoorForm,), {"kind": kind})
