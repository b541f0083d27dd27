"""What the rules of matching are asked about: bank lines as credits, open invoices, and who may keep a discount."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from b2b.db.bulk import fetch
from b2b.directory.models import Organization
from finance.models import CounterpartyAccount, StatementLine
from finance.policies import references
from finance.policies.exchange import Rates
from finance.policies.open_items import Credit, Discount, OpenInvoice, OpenItems
from finance.selectors import discount_terms, exchange_rate
from finance.services import chart

# What is named, what has exactly an amount received, and what the payers and the dealers of what is named owe.
CANDIDATES = """
    WITH named AS (
        SELECT id, dealer_id FROM finance_invoice WHERE reference_key = ANY (%(keys)s::text[])),
    wanted AS (
        SELECT id FROM named
        UNION
        SELECT invoice.id FROM finance_invoice invoice
        JOIN (SELECT DISTINCT currency, amount
              FROM unnest(%(currencies)s::text[], %(amounts)s::numeric[]) AS given(currency, amount)) given
            ON given.currency = invoice.currency AND given.amount = invoice.open_amount
        WHERE invoice.open_amount > 0
        UNION
        SELECT invoice.id FROM finance_invoice invoice
        WHERE invoice.open_amount > 0 AND invoice.dealer_id = ANY (
            %(payers)s::bigint[] || CASE WHEN %(deep)s THEN ARRAY(SELECT DISTINCT dealer_id FROM named) END))
    SELECT invoice.id, invoice.reference_key, invoice.dealer_id, invoice.currency, invoice.open_amount,
        invoice.issue_date, invoice.due_date
    FROM finance_invoice invoice JOIN wanted USING (id)
    ORDER BY invoice.due_date, invoice.number
"""


def as_credits(lines: Iterable[StatementLine]) -> list[Credit]:
    """Return the lines that bring money in, with what they name and who sent them; four statements."""
    coming = [line for line in lines if line.amount > 0]
    payers = _payers(coming)
    prefixes = (references.PREFIX, references.DEBIT_PREFIX)
    known = [references.series(prefix, code) for prefix in prefixes for code in chart.seller_codes()]
    return [_credit(line, payers.get(line.pk), known) for line in coming]


def _credit(line: StatementLine, payer_id: int | None, known: Sequence[str]) -> Credit:
    text = f"{line.structured_reference} | {line.remittance_text} | {line.end_to_end_id}"
    was_exchanged = line.instructed_amount is not None and line.instructed_currency not in ("", line.currency)
    return Credit(
        line_id=line.pk,
        currency=line.currency,
        amount=line.amount,
        references=references.references(text, known),
        payer_id=payer_id,
        value_date=line.value_date,
        verified=references.verified(text, known),
        fragments=references.fragments(text),
        charges=line.charges_amount or Decimal(0),
        instructed=(line.instructed_amount, line.instructed_currency) if was_exchanged else None,
    )


def _payers(lines: Sequence[StatementLine]) -> dict[int, int]:
    """Return who sent each line: by the account it came from, else by a name that only one dealer has."""
    accounts = {line.counterparty_identifier for line in lines if line.counterparty_identifier}
    by_account = dict(
        CounterpartyAccount.objects.filter(identifier__in=accounts).values_list(
            "identifier", "organization_id"
        )
    )
    names = {_plain(line.counterparty_name) for line in lines if line.counterparty_name}
    by_name: dict[str, list[int]] = {}
    dealers = Organization.objects.filter(kind=Organization.Kind.DEALER)
    for key, name in dealers.extra(where=["lower(name) = ANY (%s)"], params=[sorted(names)]).values_list(
        "pk", "name"
    ):
        by_name.setdefault(_plain(name), []).append(key)
    found = {}
    for line in lines:
        named = by_name.get(_plain(line.counterparty_name), [])
        payer = by_account.get(line.counterparty_identifier) or (named[0] if len(named) == 1 else None)
        if payer is not None:
            found[line.pk] = payer
    return found


def _plain(name: str) -> str:
    return name.strip().lower()


def open_items(received: Sequence[Credit], *, deep: bool) -> OpenItems:
    """Return the invoices that may be meant and who may keep a discount; two statements.

    `deep` adds all that the payers owe; without it only what is named or has an amount received is there.
    """
    rows = fetch(
        CANDIDATES,
        {
            "keys": sorted({key for one in received for key in one.references}),
            "currencies": [one.currency for one in received],
            "amounts": [one.amount for one in received],
            "payers": sorted({one.payer_id for one in received if one.payer_id is not None}) if deep else [],
            "deep": deep,
        },
    )
    invoices = [OpenInvoice(*row) for row in rows]
    terms = discount_terms.in_force({one.dealer_id for one in invoices})
    items = OpenItems(
        discounts={one.dealer_id: Discount(one.rate, one.days) for one in terms},
        rates=_rates(received, invoices),
    )
    items.add(invoices)
    return items


def _rates(received: Sequence[Credit], invoices: Sequence[OpenInvoice]) -> Rates:
    """Return the rates between the currencies that came and are owed; no statement where there is one alone."""
    currencies = {one.currency for one in received} | {one.currency for one in invoices}
    days = [one.value_date for one in received]
    return (
        exchange_rate.between(currencies, min(days), max(days)) if days and len(currencies) > 1 else Rates()
    )
