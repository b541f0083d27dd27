"""Columns with a fixed meaning, so that every app writes amounts, rates and statuses alike."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from b2b.core.machine import Machine


class AmountField(models.DecimalField):
    """An amount of money in a document, in the document's currency; up to three decimals (ISO 4217)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 3)
        super().__init__(*args, **kwargs)


class UnitPriceField(models.DecimalField):
    """A price of one base unit before tax; finer than a cent, because packs multiply it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 6)
        super().__init__(*args, **kwargs)


class TaxRateField(models.DecimalField):
    """A tax rate as a fraction: 0.13 is thirteen per cent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 6)
        kwargs.setdefault("decimal_places", 5)
        super().__init__(*args, **kwargs)


class QuantityField(models.BigIntegerField):
    """A whole number of a product's base unit."""


class CurrencyField(models.CharField):
    """An ISO 4217 currency code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("default", "CNY")
        super().__init__(*args, **kwargs)


class WrittenJSONField(models.JSONField):
    """JSON kept as it was written (`json`, not `jsonb`): carried whole and never searched, so never taken apart."""

    def db_type(self, connection: Any) -> str:
        """Name the column's type."""
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return what the driver has read already."""
        return json.loads(value) if isinstance(value, str) else value


class StatusField(models.CharField):
    """The state of a machine; only services move it, through `Document.advance`."""

    def __init__(self, machine: Machine | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        if machine is not None:
            kwargs.setdefault("choices", machine.choices())
            kwargs.setdefault("default", machine.initial)
        super().__init__(**kwargs)
