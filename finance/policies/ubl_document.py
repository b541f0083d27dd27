"""Write an invoice or a credit note as UBL 2.1 after EN 16931 (Peppol BIS Billing 3.0)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from lxml import etree

from b2b.core.money import exponent
from b2b.core.ubl import CAC, CBC
from finance.policies import tax
from finance.policies.en16931 import BilledLine
from finance.policies.trade_document import CREDIT_NOTE, Party, TradeDocument

_SCHEMA: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_CUSTOMIZATION: Final = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
# Why nothing is taxed (BT-120), where the category wants a reason.
_REASONS: Final = {
    tax.EXEMPT: "Exempt from tax",
    tax.REVERSE_CHARGE: "Reverse charge",
    tax.INTRA_COMMUNITY: "Intra-community supply",
    tax.EXPORT: "Export outside the EU",
    tax.OUT_OF_SCOPE: "Not subject to VAT",
}


def write(document: TradeDocument) -> bytes:
    """Return the document as XML in UTF-8; read back it says the same."""
    return _Writer(document).write()


class _Writer:
    """Writes one document; elements stand in the order the schema asks for."""

    def __init__(self, document: TradeDocument) -> None:
        self.document = document
        self.is_credit = document.type_code == CREDIT_NOTE
        self.name = "CreditNote" if self.is_credit else "Invoice"

    def write(self) -> bytes:
        """Return the XML."""
        document, home = self.document, f"{_SCHEMA}{self.name}-2"
        root = etree.Element(f"{{{home}}}{self.name}", nsmap={None: home, "cac": CAC[1:-1], "cbc": CBC[1:-1]})
        _basic(root, "CustomizationID", _CUSTOMIZATION)
        _basic(root, "ProfileID", _PROFILE)
        _basic(root, "ID", document.number)
        _basic(root, "IssueDate", document.issue_date.isoformat())
        if document.due_date and not self.is_credit:
            _basic(root, "DueDate", document.due_date.isoformat())
        _basic(root, f"{self.name}TypeCode", document.type_code)
        if document.note:
            _basic(root, "Note", document.note)
        _basic(root, "DocumentCurrencyCode", document.currency)
        if document.corrects:
            _basic(_aggregate(root, "BillingReference", "InvoiceDocumentReference"), "ID", document.corrects)
        if document.delivery:
            _basic(_aggregate(root, "DespatchDocumentReference"), "ID", document.delivery)
        self._party(root, "AccountingSupplierParty", document.seller)
        self._party(root, "AccountingCustomerParty", document.buyer)
        if document.delivered_date:
            _basic(_aggregate(root, "Delivery"), "ActualDeliveryDate", document.delivered_date.isoformat())
        self._payment(root)
        self._taxes(root)
        self._totals(root)
        for line in document.lines:
            self._line(root, line)
        return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))

    def _party(self, root: Any, role: str, party: Party) -> None:
        element = _aggregate(root, role, "Party")
        if party.gln:
            _basic(element, "EndpointID", party.gln, schemeID="0088")
        _basic(_aggregate(element, "PartyIdentification"), "ID", party.code)
        address = _aggregate(element, "PostalAddress")
        if party.address:
            _basic(_aggregate(address, "AddressLine"), "Line", party.address)
        _basic(_aggregate(address, "Country"), "IdentificationCode", party.country)
        if party.vat_number:
            scheme = _aggregate(element, "PartyTaxScheme")
            _basic(scheme, "CompanyID", party.vat_number)
            _basic(_aggregate(scheme, "TaxScheme"), "ID", "VAT")
        entity = _aggregate(element, "PartyLegalEntity")
        _basic(entity, "RegistrationName", party.name)
        if party.uscc:
            _basic(entity, "CompanyID", party.uscc)

    def _payment(self, root: Any) -> None:
        document = self.document
        for account in document.pay_to:
            means = _aggregate(root, "PaymentMeans")
            _basic(means, "PaymentMeansCode", "30")
            _basic(means, "PaymentID", document.number)
            _basic(_aggregate(means, "PayeeFinancialAccount"), "ID", account)
        if len(document.instalments) > 1:
            parts = (
                f"{part.amount} {document.currency} until {part.due_date}" for part in document.instalments
            )
            _basic(_aggregate(root, "PaymentTerms"), "Note", "; ".join(parts))

    def _taxes(self, root: Any) -> None:
        total = _aggregate(root, "TaxTotal")
        self._amount(total, "TaxAmount", self.document.totals.tax_amount)
        for part in self.document.totals.subtotals:
            subtotal = _aggregate(total, "TaxSubtotal")
            self._amount(subtotal, "TaxableAmount", part.taxable_amount)
            self._amount(subtotal, "TaxAmount", part.tax_amount)
            self._category(subtotal, "TaxCategory", part.category, part.tax_rate, reason=True)

    def _category(self, parent: Any, name: str, code: str, rate: Decimal, *, reason: bool = False) -> None:
        category = _aggregate(parent, name)
        _basic(category, "ID", code)
        if code != tax.OUT_OF_SCOPE:
            _basic(category, "Percent", f"{(rate * 100).normalize():f}")
        if reason and code in _REASONS:
            _basic(category, "TaxExemptionReason", _REASONS[code])
        _basic(_aggregate(category, "TaxScheme"), "ID", "VAT")

    def _totals(self, root: Any) -> None:
        totals, element = self.document.totals, _aggregate(root, "LegalMonetaryTotal")
        self._amount(element, "LineExtensionAmount", totals.line_amount)
        self._amount(element, "TaxExclusiveAmount", totals.net_amount)
        self._amount(element, "TaxInclusiveAmount", totals.gross_amount)
        if totals.prepaid_amount:
            self._amount(element, "PrepaidAmount", totals.prepaid_amount)
        self._amount(element, "PayableAmount", totals.payable_amount)

    def _line(self, root: Any, line: BilledLine) -> None:
        element = _aggregate(root, f"{self.name}Line")
        _basic(element, "ID", line.number)
        counted = "CreditedQuantity" if self.is_credit else "InvoicedQuantity"
        _basic(element, counted, f"{line.quantity:f}", unitCode=line.unit_code or "EA")
        self._amount(element, "LineExtensionAmount", line.net_amount)
        if line.order:
            reference = _aggregate(element, "OrderLineReference")
            _basic(reference, "LineID", line.order_line or line.number)
            _basic(_aggregate(reference, "OrderReference"), "ID", line.order)
        item = _aggregate(element, "Item")
        _basic(item, "Name", line.name)
        _basic(_aggregate(item, "SellersItemIdentification"), "ID", line.buyers_sku)
        if line.gtin:
            _basic(_aggregate(item, "StandardItemIdentification"), "ID", line.gtin, schemeID="0160")
        self._category(item, "ClassifiedTaxCategory", line.tax.category, line.tax.rate)
        price = _basic(_aggregate(element, "Price"), "PriceAmount", f"{line.unit_price.normalize():f}")
        price.set("currencyID", self.document.currency)

    def _amount(self, parent: Any, name: str, amount: Decimal) -> None:
        digits = exponent(self.document.currency)
        _basic(parent, name, f"{amount:.{digits}f}", currencyID=self.document.currency)


def _aggregate(parent: Any, *names: str) -> Any:
    for name in names:
        parent = etree.SubElement(parent, CAC + name)
    return parent


def _basic(parent: Any, name: str, text: str, **attributes: str) -> Any:
    element = etree.SubElement(parent, CBC + name, attributes)
    element.text = text
    return element
