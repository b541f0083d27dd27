"""Checks on the trade's identifiers, by python-stdnum."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import ean


def validate_gtin(value: str) -> None:
    """Check length and check digit of a GTIN-8, -12, -13 or -14 (GS1 general specifications 7.9).

    :raises ValidationError: naming the remedy.
    """
    if value and not ean.is_valid(value):
        raise ValidationError(
            _("%(value)s is not a GTIN: 8, 12, 13 or 14 digits with a correct check digit are needed."),
            code="gtin",
            params={"value": value},
        )
