"""Payments whose truth is known: who paid what, how badly it is written, and what the bank did to the amount."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from finance.policies.open_items import Credit, Discount, OpenInvoice
from finance.policies.references import creditor_reference, fragments, reference_key, references, verified

TODAY = date(2026, 3, 2)
SERIES = "INVMID"
SPELLINGS = (
    "INV-MID-{:06d}",
    "inv mid {}",
    "Rechnung INV-MID-{:06d} danke",
    "INVMID{:06d}",
    "货款 INV-MID-{}",
    "/INV/INV MID {:08d}/",
)
DISCOUNT = Discount(Decimal("0.02"), 10)


@dataclass
class Labelled:
    """Credits, open invoices, and for each credit what it truly pays; nothing for strangers and doubles."""

    credits: list[Credit] = field(default_factory=list)
    invoices: list[OpenInvoice] = field(default_factory=list)
    truth: dict[int, dict[str, Decimal]] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)


class Payers:
    """Makes labelled payments of many dealers; the same seed makes the same."""

    def __init__(self, seed: int, *, dealers: int = 80, most: int = 25) -> None:
        self.random = Random(seed)
        self.made = Labelled()
        self.open: dict[int, list[OpenInvoice]] = {}
        number = 10_000
        for dealer in range(1, dealers + 1):
            count = self.random.randint(3, most)
            self.open[dealer] = []
            for _ in range(count):
                number += self.random.choice((1, 1, 1, 2, 7))
                self.open[dealer].append(self._invoice(dealer, number))
            self.open[dealer].sort(key=lambda one: (one.due_date, one.reference_key))
            self.made.invoices += self.open[dealer]

    def _invoice(self, dealer: int, number: int) -> OpenInvoice:
        known = self.open[dealer]
        amount = Decimal(self.random.randint(10_000, 5_000_000)).scaleb(-2)
        if self.random.random() < 0.2:
            amount = Decimal(self.random.randint(1, 200) * 100)
        elif known and self.random.random() < 0.1:
            amount = self.random.choice(known).open_amount
        issued = TODAY - timedelta(self.random.randint(0, 60))
        return OpenInvoice(
            UUID(int=number),
            reference_key(SERIES, number),
            dealer,
            "CNY",
            amount,
            issued,
            issued + timedelta(30),
        )

    def take(self, dealer: int, count: int = 1) -> list[OpenInvoice]:
        """Choose invoices that nobody has paid yet."""
        chosen = self.random.sample(self.open[dealer], min(count, len(self.open[dealer])))
        self.open[dealer] = [one for one in self.open[dealer] if one not in chosen]
        return chosen

    def dealer(self, least: int = 1) -> int:
        """Choose a dealer who owes at least so many invoices."""
        return self.random.choice([one for one, owed in self.open.items() if len(owed) >= least])

    def write(self, *invoices: OpenInvoice) -> str:
        """Name invoices as payers do."""
        return ", ".join(self.random.choice(SPELLINGS).format(int(one.digits)) for one in invoices)

    def slip(self, invoice: OpenInvoice) -> str:
        """Name an invoice with two digits swapped or one wrong."""
        digits = list(invoice.digits)
        at = self.random.randrange(len(digits) - 1)
        if self.random.random() < 0.5:
            digits[at], digits[at + 1] = digits[at + 1], digits[at]
        else:
            digits[at] = str((int(digits[at]) + 1) % 10)
        return f"INV-MID-{''.join(digits)}"

    def pay(
        self,
        kind: str,
        dealer: int,
        amount: Decimal,
        text: str,
        truth: dict[str, Decimal],
        *,
        known: bool = True,
        **told: object,
    ) -> None:
        """Send a payment; the payer is known by its account unless said otherwise."""
        line = len(self.made.credits) + 1
        self.made.truth[line], self.made.kinds[line] = truth, kind
        self.made.credits.append(
            Credit(
                line, "CNY", amount, references(text, [SERIES]), dealer if known else None, TODAY,
                verified(text, [SERIES]), fragments(text), **told,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def settle(
        self, kind: str, chosen: list[OpenInvoice], text: str, *, off: Decimal = Decimal(0), **more: object
    ) -> None:
        """Pay invoices in full, `off` less than they come to."""
        truth = {one.reference_key: one.open_amount for one in chosen}
        self.pay(kind, chosen[0].dealer_id, sum(truth.values(), -off), text, truth, **more)

    def shuffled(self) -> Labelled:
        """Return all, the payments in the order of a bank."""
        self.random.shuffle(self.made.credits)
        return self.made


def with_references(seed: int, size: int) -> Labelled:
    """Make payments that name what they pay, in full, in part, too much, less a fee, a discount or a trifle."""
    payers = Payers(seed, dealers=max(20, size // 6))
    for _ in range(size):
        dealer = payers.dealer()
        chosen = payers.take(dealer, payers.random.choice((1, 1, 1, 1, 2, 3, 5)))
        text, one = payers.write(*chosen), chosen[0]
        kind = payers.random.choices(
            (
                "exact",
                "stranger's account",
                "partial",
                "over",
                "fee",
                "discount",
                "write_off",
                "check digits",
            ),
            (50, 12, 8, 6, 8, 6, 5, 5),
        )[0]
        if kind == "partial":
            part = (one.open_amount / 3).quantize(Decimal("0.01"))
            payers.pay(kind, dealer, part, payers.write(one), {one.reference_key: part})
        elif kind == "over":
            payers.pay(
                kind,
                dealer,
                one.open_amount + Decimal("7.77"),
                payers.write(one),
                {one.reference_key: one.open_amount},
            )
        elif kind == "fee":
            payers.settle(kind, chosen, text, off=Decimal("15.00"), charges=Decimal("15.00"))
        elif kind == "discount":
            payers.settle(kind, chosen, text, off=_discounts(chosen))
        elif kind == "write_off":
            payers.settle(kind, chosen, text, off=Decimal("0.02"))
        elif kind == "check digits":
            payers.settle(kind, [one], creditor_reference(SERIES, int(one.digits)), known=False)
        else:
            payers.settle(kind, chosen, text, known=kind == "exact")
    return payers.shuffled()


def _discounts(chosen: list[OpenInvoice]) -> Decimal:
    return sum(
        (
            (one.open_amount * DISCOUNT.rate).quantize(Decimal("0.01"))
            for one in chosen
            if one.issue_date + timedelta(DISCOUNT.days) >= TODAY
        ),
        Decimal(0),
    )


def noisy(seed: int, size: int) -> Labelled:
    """Make payments with slips, fragments or nothing in the text, many to one, doubles and strangers."""
    payers = Payers(seed, dealers=max(20, size // 4))
    for _ in range(size):
        kind = payers.random.choices(
            ("nothing", "slip", "fragment", "several", "spelled", "double", "stranger"),
            (30, 15, 15, 12, 20, 4, 4),
        )[0]
        dealer = payers.dealer(4)
        if kind == "stranger":
            payers.pay(
                kind,
                dealer,
                Decimal(payers.random.randint(1, 10**6)).scaleb(-2),
                "thank you",
                {},
                known=False,
            )
            continue
        chosen = payers.take(dealer, payers.random.randint(2, 4) if kind == "several" else 1)
        text = {
            "slip": payers.slip(chosen[0]),
            "fragment": f"your no. {chosen[0].digits[-4:]}",
            "spelled": payers.write(*chosen),
        }.get(kind, "")
        payers.settle(kind, chosen, text)
        if kind == "double":
            payers.settle(kind, chosen, text)
            payers.made.truth[len(payers.made.credits)] = {}
    return payers.shuffled()
