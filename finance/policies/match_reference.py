"""Decide a credit by the invoices it names: what it pays of them, and what the difference is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from b2b.core.money import round_to_currency
from finance.policies import exchange, references
from finance.policies.open_items import (
    CASE,
    DISCOUNT,
    EXCHANGE,
    FEE,
    POST,
    PROPOSE,
    WRITE_OFF,
    Credit,
    Decision,
    OpenInvoice,
    OpenItems,
    Part,
)

RULE = "reference"


def decide(credit: Credit, items: OpenItems) -> Decision | None:
    """Return the decision, or None when no invoice that we know is named.

    Promise: without the payer's account or a reference with check digits beside it, a name is trusted only when the
    amount agrees and no slip of the pen could have meant another invoice of that amount.
    """
    known = [items.invoices[key] for key in credit.references if key in items.invoices]
    if not known:
        return None
    named = [one for one in known if items.left(one.reference_key) > 0]
    names = ", ".join(one.reference_key for one in known)[:160]
    if not named:
        return Decision(credit, CASE, "paid_already", f"named and already paid: {names}")
    if len({one.dealer_id for one in named}) > 1:
        return _propose(credit, items, named, f"invoices of several dealers are named: {names}")
    if credit.payer_id not in (None, named[0].dealer_id) and not credit.verified:
        return _propose(credit, items, named, f"the payer is not the dealer of {names}")
    foreign = [one for one in named if one.currency != credit.currency]
    if foreign:
        return _exchanged(credit, items, named, names)
    settled = _in_full(credit, items, named, names)
    if settled is not None:
        slips = _slips(credit, items, named)
        if slips and not _is_sure(credit, named):
            why = f"{names} is named, but a slip of the pen may have meant another of that amount"
            return _propose(credit, items, [*named, *slips], why)
        return settled
    return _off(credit, items, named, names)


def _is_sure(credit: Credit, named: Sequence[OpenInvoice]) -> bool:
    return credit.payer_id == named[0].dealer_id or bool(
        credit.verified.intersection(one.reference_key for one in named)
    )


def _slips(credit: Credit, items: OpenItems, named: Sequence[OpenInvoice]) -> list[OpenInvoice]:
    """Return other invoices of exactly this amount whose number is one slip away, unless a payment names them."""
    if len(named) > 1:
        return []
    return [
        one
        for one in items.of_amount(credit.currency, credit.amount)
        if one.reference_key not in items.named and references.is_slip(named[0].digits, one.digits)
    ]


def _in_full(credit: Credit, items: OpenItems, named: Sequence[OpenInvoice], names: str) -> Decision | None:
    """Settle everything named when the amount is exact but for a fee, a discount, exchange or a trifle."""
    parts = items.whole(named)
    owed = sum((part.amount for part in parts), Decimal(0))
    short = owed - credit.amount
    why = f"named in the text: {names}"
    if not short:
        return Decision(credit, POST, RULE, why, parts)
    if credit.charges and short == credit.charges:
        return Decision(credit, POST, "fee", f"{why}; the bank kept {short}", _spread(parts, FEE, short))
    discounts = [items.discount(one, credit.value_date) for one in named]
    if short > 0 and short == sum(discounts):
        taken = tuple(
            Part(part.invoice, part.amount, part.amount - off, ((DISCOUNT, off),) if off else ())
            for part, off in zip(parts, discounts, strict=True)
        )
        return Decision(credit, POST, "discount", f"{why}; {short} kept for paying early", taken)
    if abs(short) <= items.tolerance.write_off(credit.currency):
        written = _spread(parts, WRITE_OFF, short)
        return Decision(credit, POST, "write_off", f"{why}; {short} is within the tolerance", written)
    was_exchanged = credit.instructed is not None and credit.instructed[1] != credit.currency
    if was_exchanged and abs(short) <= owed * items.tolerance.exchange_share and _is_sure(credit, named):
        exchanged = _spread(parts, EXCHANGE, short)
        return Decision(credit, POST, "exchange", f"{why}; {short} was lost in exchange", exchanged)
    return None


def _spread(parts: Sequence[Part], kind: str, short: Decimal) -> tuple[Part, ...]:
    """Put a difference on the last of the parts that can bear it."""
    *before, last = sorted(parts, key=lambda part: part.amount)
    return (*before, Part(last.invoice, last.amount, last.amount - short, ((kind, short),)))


def _off(credit: Credit, items: OpenItems, named: Sequence[OpenInvoice], names: str) -> Decision:
    """Decide what is paid in part or too much."""
    parts = items.whole(named)
    owed = sum((part.amount for part in parts), Decimal(0))
    if not _is_sure(credit, named):
        return _propose(credit, items, named, f"{names} is named, but {credit.amount} is not what is open")
    if _slips(credit, items, named):
        others = [*named, *_slips(credit, items, named)]
        return _propose(
            credit, items, others, f"{names} is named, but one of a number like it has this amount"
        )
    if credit.amount > owed:
        rest = credit.amount - owed
        of_rest = [
            one for one in items.of_amount(credit.currency, rest) if one.dealer_id == named[0].dealer_id
        ]
        of_rest = [one for one in of_rest if one not in named]
        if len(of_rest) == 1:
            also = (*parts, *items.whole(of_rest))
            why = f"named in the text: {names}; the rest is exactly {of_rest[0].reference_key}"
            return Decision(credit, POST, "reference_and_amount", why, also)
        if of_rest:
            choices = tuple((*parts, *items.whole([one])) for one in of_rest)
            why = f"named: {names}; {len(of_rest)} invoices have the amount of the rest"
            return Decision(credit, PROPOSE, RULE, why, choices[0], len(choices) - 1, choices=choices)
        return Decision(credit, POST, "over_payment", f"named in the text: {names}", parts, left=rest)
    if len(named) == 1:
        part = (Part.whole(named[0], credit.amount),)
        return Decision(credit, POST, "partial", f"named in the text, paid in part: {names}", part)
    return _first_of(credit, items, named, names)


def _first_of(credit: Credit, items: OpenItems, named: Sequence[OpenInvoice], names: str) -> Decision:
    """Settle the first of those named when they come to the amount exactly."""
    total = Decimal(0)
    for count, one in enumerate(named, 1):
        total += items.left(one.reference_key)
        if total == credit.amount:
            why = f"the first {count} of those named: {names}"
            return Decision(credit, POST, RULE, why, items.whole(named[:count]))
    return _propose(credit, items, named, f"{credit.amount} does not cover what is named: {names}")


def _exchanged(credit: Credit, items: OpenItems, named: Sequence[OpenInvoice], names: str) -> Decision:
    """Settle invoices of another currency by what was ordered in theirs."""
    parts = items.whole(named)
    owed = sum((part.amount for part in parts), Decimal(0))
    ordered, currency = credit.instructed or (Decimal(0), "")
    agrees = all(one.currency == currency for one in named)
    if (
        agrees
        and ordered
        and (ordered == owed or (ordered < owed and len(named) == 1 and _is_sure(credit, named)))
    ):
        share = [round_to_currency(credit.amount * part.amount / owed, credit.currency) for part in parts]
        share[-1] += credit.amount - sum(share)
        lowered = [min(part.amount, ordered) for part in parts]
        moved = tuple(
            Part(part.invoice, amount, paid) for part, amount, paid in zip(parts, lowered, share, strict=True)
        )
        rate = items.rates.of(currency, credit.currency, credit.value_date)
        if rate is not None and not exchange.is_near(credit.amount, ordered, rate):
            off = f"{ordered} {currency} for {names} were {exchange.convert(ordered, rate, credit.currency)} that day"
            return Decision(credit, CASE, "exchange", f"{off}, {credit.amount} {credit.currency} came")
        return Decision(credit, POST, "exchange", f"{ordered} {currency} ordered for {names}", moved)
    why = f"{names} is in another currency"
    if not ordered and (meant := _at_the_rate(credit, items, named)):
        found = f"{why}; at the rate of the day it is what came"
        return Decision(credit, PROPOSE, "exchange", found, meant, choices=(meant,))
    if not agrees or not ordered:
        return Decision(credit, CASE, "exchange", why)
    return Decision(credit, CASE, "exchange", f"{why}; {ordered} {currency} is not what is open")


def _at_the_rate(credit: Credit, items: OpenItems, named: Sequence[OpenInvoice]) -> tuple[Part, ...]:
    """Return one invoice of another currency as paid in full, when it is worth what came on that day."""
    [first, *others] = named
    rate = items.rates.of(first.currency, credit.currency, credit.value_date)
    owed = items.left(first.reference_key)
    if (
        others
        or rate is None
        or not exchange.is_near(credit.amount, owed, rate, items.tolerance.exchange_share)
    ):
        return ()
    return (Part(first, owed, credit.amount),)


def _propose(credit: Credit, items: OpenItems, named: Iterable[OpenInvoice], why: str) -> Decision:
    """Offer each invoice by itself, with no more than there is to give."""
    choices = tuple(
        (Part.whole(one, min(items.left(one.reference_key), credit.amount)),)
        for one in named
        if one.currency == credit.currency
    )
    if not choices:
        return Decision(credit, CASE, RULE, why)
    return Decision(credit, PROPOSE, RULE, why, choices[0], len(choices) - 1, choices=choices)
