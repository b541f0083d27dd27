"""Checks on company and place identifiers, by python-stdnum."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import ean, lei
from stdnum.cn import uscc
from stdnum.eu import vat


def _checked(is_valid: Callable[[str], bool], name: str, value: str) -> None:
    if value and not is_valid(value):
        raise ValidationError(
            _("%(value)s is not a valid %(name)s; check its length and its check digit."),
            code="identifier",
            params={"value": value, "name": name},
        )


def validate_uscc(value: str) -> None:
    """Check a Chinese unified social credit code (GB 32100-2015)."""
    _checked(uscc.is_valid, "USCC", value)


def validate_vat(value: str) -> None:
    """Check a European VAT number with its country prefix."""
    _checked(vat.is_valid, "VAT number", value)


def validate_lei(value: str) -> None:
    """Check a legal entity identifier (ISO 17442)."""
    _checked(lei.is_valid, "LEI", value)


def validate_gs1_prefix(value: str) -> None:
    """Check a GS1 company prefix: four to twelve digits."""
    _checked(
        lambda number: number.isascii() and number.isdigit() and 4 <= len(number) <= 12, "GS1 prefix", value
    )


def validate_gln(value: str) -> None:
    """Check a global location number: thirteen digits with the GS1 check digit."""
    _checked(lambda number: len(number) == 13 and ean.is_valid(number), "GLN", value)
