"""What may be financed: bills, invoices, orders, purchase orders, goods and vouchers, with every reason against one.

Eligibility comes from what the platform has seen: the three-way match of a bill, the proof of delivery an invoice was
raised from, the credit an order holds, the goods a purchase order still waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Sum

from b2b.catalog.models import Product
from b2b.core.money import Money
from b2b.directory.models import Organization, Site
from finance import ports
from finance.models import (
    BillingTerms,
    CreditHold,
    GoodsAccrual,
    Invoice,
    PaymentOrderItem,
    PurchaseTerms,
    SupplierInvoice,
    Voucher,
)
from finance.policies import fingerprint
from finance.policies.technique import BILL, INVOICE, ORDER, PURCHASE_ORDER, STOCK, VOUCHER
from finance.selectors import financed, pledge

YEAR: Final = timedelta(days=365)
MOST_UNITS: Final = 10**12


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that money may be had on; `face` in minor units, `faults` what speaks against it."""

    kind: str
    key: str
    number: str
    borrower: Organization
    obligor: Organization
    seller_code: str
    currency: str
    face: int
    issued: date
    due: date
    faults: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """What tells it from every other asset."""
        return fingerprint.exact(self.kind, self.seller_code, self.number, self.issued)

    @property
    def alike(self) -> str:
        """What an edited copy of it would share."""
        return fingerprint.alike(
            self.kind, self.seller_code, self.obligor.code, self.currency, self.face, self.issued
        )


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, whom the platform sells as, and on which day."""

    borrower: Organization
    seller: Organization
    today: date


def find(kind: str, key: str, asking: Asking) -> Asset | None:
    """Return an asset of the borrower by its key in the platform, None when it has none like that."""
    finder = FINDERS.get(kind)
    found = finder(key, asking) if finder else None
    return next(iter(_claimed([found])), None) if found else None


def _bill(key: str, asking: Asking) -> Asset | None:
    found = SupplierInvoice.objects.filter(pk=_uuid(key), factory=asking.borrower)
    return next(iter(_bills(list(found), asking)), None)


def bills(found: Sequence[SupplierInvoice], asking: Asking) -> list[Asset]:
    """Return bills of the borrower's own as assets, in the given order; three statements for any number of them."""
    return _claimed(_bills(found, asking))


def _bills(found: Sequence[SupplierInvoice], asking: Asking) -> list[Asset]:
    paying = set(
        PaymentOrderItem.objects.filter(supplier_invoice__in=found, is_live=True).values_list(
            "supplier_invoice_id", flat=True
        )
    )
    same = financed.of_bills([bill.pk for bill in found], PURCHASE_ORDER)
    return [_bill_of(bill, asking, bill.pk in paying, same.get(bill.pk, ())) for bill in found]


def _bill_of(bill: SupplierInvoice, asking: Asking, is_paying: bool, same: Iterable[str]) -> Asset:
    faults = []
    if bill.status != "APPROVED":
        verdict = f" ({bill.verdict})" if bill.verdict else ""
        faults.append(
            f"the bill is {bill.status}{verdict}; only what the three-way match approved is financed"
        )
    elif bill.open_amount <= 0:
        faults.append("nothing of the bill is open")
    if is_paying:
        faults.append("the bill is about to be paid")
    faults += same
    return Asset(
        BILL, str(bill.pk), bill.supplier_number, asking.borrower, asking.seller, asking.borrower.code,
        bill.currency,
        Money.of(max(bill.open_amount, Decimal(0)), bill.currency).minor, bill.issue_date, bill.due_date,
        tuple(faults), {"verdict": bill.verdict},
    )  # fmt: skip


def _invoice(key: str, asking: Asking) -> Asset | None:
    invoice = Invoice.objects.select_related("seller").filter(pk=_uuid(key), dealer=asking.borrower).first()
    if invoice is None:
        return None
    faults = []
    if invoice.open_amount <= 0:
        faults.append("nothing of the invoice is open")
    if invoice.due_date < asking.today:
        faults.append(f"the invoice has been due since {invoice.due_date}")
    faults += financed.under(ORDER, invoice.lines.values_list("order_id", flat=True))
    return Asset(
        INVOICE, str(invoice.pk), invoice.number, asking.borrower, asking.borrower, invoice.seller.code,
        invoice.currency,
        Money.of(invoice.open_amount, invoice.currency).minor, invoice.issue_date, asking.today + YEAR,
        tuple(faults), {"delivered_at": invoice.delivered_at.isoformat(), "shipment": invoice.shipment_number},
    )  # fmt: skip


def _order(key: str, asking: Asking) -> Asset | None:
    """An order has no due day of its own: the programme says how long it is financed."""
    hold = CreditHold.objects.filter(pk=_uuid(key), dealer=asking.borrower).first()
    terms = (
        BillingTerms.objects.filter(order_id=_uuid(key), dealer=asking.borrower)
        .order_by("line_number")
        .first()
    )
    if hold is None or terms is None:
        return None
    faults = [] if hold.status == "HELD" else [f"the order is {hold.status.lower()}"]
    faults += financed.under(
        INVOICE, Invoice.objects.filter(lines__order_id=hold.pk).values_list("pk", flat=True)
    )
    return Asset(
        ORDER, str(hold.pk), terms.order_number, asking.borrower, asking.borrower, asking.seller.code,
        hold.currency, hold.held,
        hold.created_at.date(), asking.today + YEAR, tuple(faults),
        {"order": terms.order_number},
    )  # fmt: skip


def _purchase_order(key: str, asking: Asking) -> Asset | None:
    terms = list(PurchaseTerms.objects.filter(purchase_order_id=_uuid(key), factory=asking.borrower))
    if not terms:
        return None
    first = terms[0]
    accepted = GoodsAccrual.objects.filter(terms__in=terms).aggregate(value=Sum(F("amount")))[
        "value"
    ] or Decimal(0)
    ordered = sum((line.quantity * line.unit_price for line in terms), Decimal(0))
    left = Money.of(max(ordered - accepted, Decimal(0)), first.currency).minor
    faults = [] if left else ["all of its goods have come"]
    bills = SupplierInvoice.objects.filter(lines__terms__in=terms).values_list("pk", flat=True)
    faults += financed.under(BILL, bills)
    faults += financed.under(
        VOUCHER, Voucher.objects.filter(root__bill__in=bills).values_list("pk", flat=True)
    )
    return Asset(
        PURCHASE_ORDER, str(first.purchase_order_id), first.purchase_order_number, asking.borrower, asking.borrower,
        asking.seller.code, first.currency, left, date(2000, 1, 1), asking.today + YEAR, tuple(faults),
        {"ordered": str(ordered), "accepted": str(accepted)},
    )  # fmt: skip


def _stock(key: str, asking: Asking) -> Asset | None:
    """Goods of the borrower's own in a warehouse, named site:sku:base units."""
    site_code, _, rest = key.partition(":")
    sku, _, written = rest.rpartition(":")
    site = Site.objects.filter(code=site_code, kind=Site.Kind.WAREHOUSE).first()
    product = Product.objects.filter(sku=sku).first()
    if site is None or product is None or not written.isdecimal() or not 0 < int(written) < MOST_UNITS:
        return None
    borrower, quantity, currency = asking.borrower, int(written), asking.borrower.currency
    goods = (borrower.pk, product.pk, site.pk)
    free = ports.goods().owned([goods])[goods] - pledge.pledged(borrower.pk, product.pk, site.pk)
    asked = (borrower.pk, product.pk, currency)
    price = pledge.unit_prices([asked])[asked]
    faults = [] if quantity <= free else [f"{max(free, 0)} units are there and not pledged"]
    if not price:
        faults.append("it was never invoiced here, so that nobody knows what it is worth")
    return Asset(
        STOCK, key, key[:80], borrower, borrower, borrower.code, currency,
        Money.of(quantity * price, currency).minor, asking.today, asking.today + YEAR, tuple(faults),
        {"product_id": product.pk, "site_id": site.pk, "quantity": quantity},
    )  # fmt: skip


def _voucher(key: str, asking: Asking) -> Asset | None:
    found = Voucher.objects.select_related("root__issuer").filter(pk=_uuid(key), holder=asking.borrower)
    return next(iter(_vouchers(list(found), asking)), None)


def vouchers(found: Sequence[Voucher], asking: Asking) -> list[Asset]:
    """Return pieces in the borrower's hands as assets, in the given order; two statements, their roots fetched before.

    A piece is sold whole; whoever wants money on a part splits it first.
    """
    return _claimed(_vouchers(found, asking))


def _vouchers(found: Sequence[Voucher], asking: Asking) -> list[Asset]:
    same = financed.of_bills([piece.root.bill_id for piece in found], BILL, PURCHASE_ORDER)
    return [_voucher_of(piece, asking, same.get(piece.root.bill_id, ())) for piece in found]


def _voucher_of(piece: Voucher, asking: Asking, same: Iterable[str]) -> Asset:
    root = piece.root
    faults = [] if piece.status == "HELD" else [f"the voucher is {piece.status.lower()}"]
    if root.due_date <= asking.today:
        faults.append(f"the voucher has been due since {root.due_date}; redeem it")
    faults += same
    return Asset(
        VOUCHER, str(piece.pk), piece.number, asking.borrower, root.issuer, root.issuer.code, root.currency,
        piece.amount, root.issue_date, root.due_date, tuple(faults), {"root": root.number},
    )  # fmt: skip


def _claimed(found: Sequence[Asset]) -> list[Asset]:
    """Say of each asset that secures money already that it does; one statement."""
    live = financed.live({one.fingerprint for one in found})
    return [
        replace(one, faults=(*one.faults, "it is financed already")) if one.fingerprint in live else one
        for one in found
    ]


def _uuid(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        return UUID(int=0)


FINDERS: Final[dict[str, Callable[[str, Asking], Asset | None]]] = {
    BILL: _bill,
    INVOICE: _invoice,
    ORDER: _order,
    PURCHASE_ORDER: _purchase_order,
    STOCK: _stock,
    VOUCHER: _voucher,
}
