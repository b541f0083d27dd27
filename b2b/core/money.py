"""Exact amounts with a currency, and the one way to split them without losing a cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from b2b.core.errors import DomainError
from b2b.core.quantity import largest_remainder

# ISO 4217 minor-unit exponents that differ from two.
EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_STEPS: Final = {places: Decimal(1).scaleb(-places) for places in {2, *EXPONENTS.values()}}


class CurrencyMismatch(DomainError):
    """Two amounts of different currencies cannot be added or compared."""

    code = "currency_mismatch"


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency (ISO 4217)."""
    return EXPONENTS.get(currency, 2)


def round_to_currency(amount: Decimal, currency: str) -> Decimal:
    """Round an amount half up to the currency's precision."""
    return amount.quantize(_STEPS[exponent(currency)], rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount at its currency's precision; construct through `of` when the source is finer."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Round `amount` half up to the precision of `currency`."""
        return cls(round_to_currency(Decimal(amount), currency), currency)

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        """Read an integer number of minor units (cents)."""
        return cls(Decimal(minor).scaleb(-exponent(currency)), currency)

    @property
    def minor(self) -> int:
        """The amount as an integer number of minor units, as the ledger keeps it."""
        return int(round_to_currency(self.amount, self.currency).scaleb(exponent(self.currency)))

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(
                f"{self.currency} and {other.currency} cannot be combined",
                left=self.currency,
                right=other.currency,
            )

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Split by integer weights so that the parts sum to the whole exactly.

        Method: largest remainder in minor units (Hamilton); earlier parts win ties.

        :raises ValueError: when the weights are negative or sum to zero.
        """
        sign = -1 if self.minor < 0 else 1
        parts = largest_remainder(abs(self.minor), weights)
        return [Money.from_minor(sign * part, self.currency) for part in parts]
