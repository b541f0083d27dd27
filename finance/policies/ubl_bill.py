"""Read a bill in UBL Invoice 2.0 to 2.4 (OASIS; EN 16931 and Peppol BIS 3 are profiles of it)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from b2b.core import ubl
from b2b.core.errors import Invalid
from b2b.core.ubl import CAC
from b2b.core.ubl import text as _text
from finance.policies import tax
from finance.policies.en16931 import Bill, BilledLine
from finance.policies.tax import Amount, Subtotal, Tax, Totals

_LIMIT: Final = Decimal(10) ** 14
# xsd:decimal knows no exponent; what is longer is no amount but an attempt to keep us busy.
_DECIMAL: Final = re.compile(r"[+-]?(\d{1,20}(\.\d{0,12})?|\.\d{1,12})", re.ASCII)


class UnreadableBill(Invalid):
    """The file is no invoice that can be read in full; nothing of it was taken."""

    code = "unreadable_bill"


def read(content: bytes) -> Bill:
    """Read the document; amounts are taken as they stand, `en16931.broken_rules` holds them against each other.

    :raises UnreadableBill: with every fault: its line in the file, its element and a remedy.
    :raises UnsafeXml: for a document type, or a file too large or too deep. :raises MalformedXml: with the line.
    """
    root = ubl.root_of(content, "Invoice", UnreadableBill)
    reader = _Reader()
    bill = reader.bill(root)
    if reader.problems:
        raise UnreadableBill("The bill has faults; nothing was taken.", problems=reader.problems)
    return bill


class _Reader(ubl.Reader):
    """Reads one bill."""

    def bill(self, root: Any) -> Bill:
        """Return the document, with what is faulty left empty."""
        number = self.number(root, "bill")
        currency = _text(root, "DocumentCurrencyCode")
        if not re.fullmatch(r"[A-Z]{3}", currency):
            self.fault("no_currency", f"{currency[:10]!r} is no currency", root, "DocumentCurrencyCode",
                        "give three letters of ISO 4217")  # fmt: skip
        type_code = _text(root, "InvoiceTypeCode") or "380"
        if type_code not in ("380", "383", "384", "386", "388", "389", "82", "326"):
            self.fault("other_document", f"type {type_code[:10]} asks for no payment", root, "InvoiceTypeCode",
                        "send a commercial invoice (380)")  # fmt: skip
        elements = self.lines(root, "InvoiceLine", "bill", "split the bill, or say what is billed")
        order = _text(root, "OrderReference/ID")
        allowances, charges = self._adjustments(root)
        return Bill(
            number=number,
            issue_date=self.day(root, "IssueDate") or date.min,
            due_date=self.day(root, "DueDate", needed=False)
            or self.day(root, "PaymentMeans/PaymentDueDate", needed=False),
            currency=currency,
            lines=tuple(self._line(element) for element in elements),
            totals=self._totals(root),
            allowances=allowances,
            charges=charges,
            order=order,
            note=_text(root, "Note")[:500],
            type_code=type_code,
        )

    def _decimal(self, element: Any, steps: str, *, needed: bool = True) -> Decimal:
        text = _text(element, steps)
        if not text and not needed:
            return Decimal(0)
        if _DECIMAL.fullmatch(text) and abs(found := Decimal(text)) < _LIMIT:
            return found
        self.fault(
            "no_number", f"{text[:40]!r} is no amount", element, steps, "write digits and a decimal point"
        )
        return Decimal(0)

    def _totals(self, root: Any) -> Totals:
        found = root.find(CAC + "LegalMonetaryTotal")
        if found is None:
            self.fault(
                "no_totals", "the bill has no totals", root, "LegalMonetaryTotal", "state what it comes to"
            )
            return Totals(Decimal(0), Decimal(0), Decimal(0), ())
        names = ("LineExtensionAmount", "AllowanceTotalAmount", "ChargeTotalAmount", "PrepaidAmount",
                 "PayableRoundingAmount", "PayableAmount")  # fmt: skip
        line, allowance, charge, prepaid, rounding, payable = (
            self._decimal(found, name, needed=name in ("LineExtensionAmount", "PayableAmount"))
            for name in names
        )
        net = self._decimal(found, "TaxExclusiveAmount", needed=False) or line - allowance + charge
        gross = self._decimal(found, "TaxInclusiveAmount", needed=False) or payable + prepaid - rounding
        if payable != gross - prepaid + rounding:
            self.fault("BR-CO-16", f"PayableAmount is {payable}, but it comes to {gross - prepaid + rounding}",
                        found, "PayableAmount", "send the bill again with amounts that add up")  # fmt: skip
        taxes = root.findall(CAC + "TaxTotal")[:1]
        subtotals = tuple(
            self._subtotal(one) for total in taxes for one in total.findall(CAC + "TaxSubtotal")
        )
        tax_amount = self._decimal(taxes[0], "TaxAmount") if taxes else Decimal(0)
        return Totals(net, tax_amount, gross, subtotals, line, allowance, charge, prepaid, rounding)

    def _subtotal(self, element: Any) -> Subtotal:
        how = self._tax(element.find(CAC + "TaxCategory"), element)
        return Subtotal(
            how.rate,
            self._decimal(element, "TaxableAmount"),
            self._decimal(element, "TaxAmount"),
            how.category,
        )

    def _tax(self, category: Any, element: Any) -> Tax:
        if category is None:
            self.fault("no_tax_category", "it is not said how this is taxed", element, "TaxCategory",
                        "give category and percentage")  # fmt: skip
            return Tax(tax.STANDARD, Decimal(0))
        percent = self._decimal(category, "Percent", needed=False)
        code = _text(category, "ID") or (tax.STANDARD if percent else tax.ZERO)
        return Tax(code, (percent / 100).normalize() if percent else Decimal(0))

    def _adjustments(self, root: Any) -> tuple[tuple[Amount, ...], tuple[Amount, ...]]:
        found: tuple[list[Amount], list[Amount]] = ([], [])
        for element in root.findall(CAC + "AllowanceCharge"):
            how = self._tax(element.find(CAC + "TaxCategory"), element)
            is_charge = _text(element, "ChargeIndicator") == "true"
            found[is_charge].append(Amount(how, self._decimal(element, "Amount")))
        return tuple(found[0]), tuple(found[1])

    def _line(self, element: Any) -> BilledLine:
        item = element.find(CAC + "Item")
        quantity = self._decimal(element, "InvoicedQuantity")
        net = self._decimal(element, "LineExtensionAmount")
        price = self._decimal(element, "Price/PriceAmount") / (
            self._decimal(element, "Price/BaseQuantity", needed=False) or 1
        )
        if element.find(CAC + "AllowanceCharge") is not None and quantity:
            price = (
                net / quantity
            )  # what is really asked for a unit, allowances and charges of the line included
        return BilledLine(
            row=element.sourceline or 0,
            number=_text(element, "ID"),
            quantity=quantity,
            unit_price=price,
            net_amount=net,
            tax=self._tax(None if item is None else item.find(CAC + "ClassifiedTaxCategory"), element),
            name=_text(item, "Name")[:200],
            order=_text(element, "OrderLineReference/OrderReference/ID"),
            order_line=_text(element, "OrderLineReference/LineID"),
            buyers_sku=_text(item, "BuyersItemIdentification/ID"),
            gtin=_text(item, "StandardItemIdentification/ID"),
            unit_code=ubl.unit_code(element, "InvoicedQuantity"),
        )
