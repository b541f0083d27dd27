"""Which taxes a jurisdiction knows, how a sale is taxed there, and what number a tax invoice carries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from b2b.core.errors import Problem
from b2b.core.money import round_to_currency
from finance.policies import tax
from finance.policies.tax import Tax

# Member states of the European Union (ISO 3166-1).
EUROPEAN_UNION: Final = frozenset(
    {"AT", "BE", "BG", "HR", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)


@dataclass(frozen=True, slots=True)
class TaxProfile:
    """A jurisdiction: the standard rates it knows (None: any below 100 %), the categories, and its tax invoice number.

    `prices_include_tax` says how prices are usually agreed there. `number_pattern` describes the number of a tax
    invoice; it is kept as it is and means nothing to us.
    """

    code: str
    rates: frozenset[Decimal] | None
    categories: frozenset[str]
    prices_include_tax: bool = False
    number_name: str = ""
    number_pattern: str = ""
    remedies: dict[str, str] = field(default_factory=dict)

    def faults(self, taxes: Sequence[Tax], rows: Sequence[int | None]) -> list[Problem]:
        """Return a problem for each amount whose category or rate the jurisdiction does not know."""
        found = []
        for how, row in zip(taxes, rows, strict=True):
            if how.category not in self.categories:
                known = ", ".join(sorted(self.categories))
                found.append(
                    Problem("unknown_tax_category", f"{self.code} has no tax category {how.category}", row=row,
                            field="ClassifiedTaxCategory/ID", remedy=f"use one of {known}")
                )  # fmt: skip
            elif how.category == tax.STANDARD and not self._knows(how.rate):
                found.append(
                    Problem("unknown_tax_rate", f"{self.code} has no rate of {how.rate * 100:.5g} %", row=row,
                            field="ClassifiedTaxCategory/Percent", remedy=self._rates_in_words())
                )  # fmt: skip
        return found

    def _knows(self, rate: Decimal) -> bool:
        return 0 < rate < 1 if self.rates is None else rate in self.rates

    def _rates_in_words(self) -> str:
        if self.rates is None:
            return "give a rate above 0 and below 100 per cent"
        return "use one of " + ", ".join(f"{rate * 100:.5g} %" for rate in sorted(self.rates, reverse=True))

    def number_faults(self, number: str) -> list[Problem]:
        """Return a problem when a tax invoice number is given and is none."""
        if not number or (self.number_pattern and re.fullmatch(self.number_pattern, number, re.ASCII)):
            return []
        message = f"{number[:40]!r} is no {self.number_name}" if self.number_pattern else "none is used here"
        return [
            Problem("tax_invoice_number", message, field="fapiao_number",
                    remedy=self.remedies.get("number", "leave it out"))
        ]  # fmt: skip


# VAT law of the People's Republic of China: 13, 9 and 6 per cent, zero rate for exports, exemptions. A fully digital
# fapiao has 20 digits, one on paper 8 with a code of 10 or 12 before it.
CHINA: Final = TaxProfile(
    "CN",
    frozenset({Decimal("0.13"), Decimal("0.09"), Decimal("0.06")}),
    frozenset({tax.STANDARD, tax.ZERO, tax.EXEMPT, tax.OUT_OF_SCOPE}),
    prices_include_tax=True,
    number_name="fapiao number",
    number_pattern=r"\d{20}|\d{8}|\d{18}",
    remedies={"number": "give the 20 digits of the digital fapiao, or code and number of the paper one"},
)
EUROPE: Final = TaxProfile("EU", None, frozenset(tax.CATEGORIES))
ELSEWHERE: Final = TaxProfile("other", None, frozenset(tax.CATEGORIES))


def of_country(country: str) -> TaxProfile:
    """Return the profile of a country (ISO 3166-1 alpha-2)."""
    if country == "CN":
        return CHINA
    return EUROPE if country in EUROPEAN_UNION else ELSEWHERE


def of_sale(rate: Decimal, seller_country: str, buyer_country: str, buyer_vat_number: str) -> Tax:
    """Return how a delivery of goods between two businesses is taxed, given the rate agreed for it.

    At home it is the rate, or zero-rated. From one state of the European Union to a business in another it is an
    intra-community supply, to anywhere else across a border an export; both carry no tax, so a rate that was agreed
    wins over them and is charged.
    """
    if rate or seller_country == buyer_country:
        return tax.plain(rate)
    both_inside = {seller_country, buyer_country} <= EUROPEAN_UNION
    if both_inside:
        return Tax(tax.INTRA_COMMUNITY if buyer_vat_number else tax.ZERO, rate)
    return Tax(tax.EXPORT if seller_country in EUROPEAN_UNION else tax.ZERO, rate)


def net_of_gross(gross: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return the net amount in an amount that includes tax: gross / (1 + rate), rounded half up to the currency."""
    return round_to_currency(gross / (1 + rate), currency)
