"""References are found in any spelling; nothing ambiguous is posted; nobody is paid more than is open."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.policies.matching import decide
from finance.policies.open_items import CASE, POST, PROPOSE, Credit, OpenInvoice
from finance.policies.references import reference_key, references, series

OURS = ["INVMID", "INVMID97", "INVNORTH2SOUTH"]


def key(number: str) -> str:
    issuer, value = number.removeprefix("INV-").rsplit("-", 1)
    return reference_key(series("INV", issuer), int(value))


def invoice(number: str, amount: str, dealer: int = 1, currency: str = "CNY") -> OpenInvoice:
    return OpenInvoice(number, key(number), dealer, currency, Decimal(amount))


def credit(
    amount: str, text: str = "", payer: int | None = None, line: int = 1, currency: str = "CNY"
) -> Credit:
    return Credit(line, currency, Decimal(amount), references(text, OURS), payer)


@pytest.mark.parametrize(
    "text",
    [
        "INV-MID-000042",
        "inv-mid-42",
        "payment inv mid 000042 thank you",
        "货款 INV-MID-000042",
        "/INV/INV MID 0042/2026-03-02",
        "INVMID000042",
        "Ref:INV–MID–000042.",
        "ＩＮＶ-MID-000042",
        "xxINV-MID-000042",
    ],
)
def test_a_number_is_found_in_any_spelling(text):
    assert references(text, OURS) == (key("INV-MID-42"),)


def test_several_numbers_are_found_in_their_order():
    found = references("INV-MID-000007, INV-MID-000003 and 2026 INV-MID-000007", OURS)
    assert found == (key("INV-MID-7"), key("INV-MID-3"))


@pytest.mark.parametrize("text", ["INV-MID-1 23", "INV MID 1, 2026-03-02", "INV-MID-000001 000002"])
def test_what_follows_a_number_is_no_part_of_it(text):
    assert references(text, OURS) == (key("INV-MID-1"),)


@pytest.mark.parametrize("text", ["INV-MID-97-000042", "inv mid97 42", "INVMID97000042"])
def test_the_issuers_code_may_hold_digits(text):
    assert references(text, OURS) == (key("INV-MID-97-42"),)


@pytest.mark.parametrize(
    "text", ["", "INV", "INV-MID", "INV-MIDDLE-4", "INV-MID-4X", "INVOICE 42", "MID-42", "42"]
)
def test_no_number_is_made_up(text):
    assert references(text, OURS) == ()


@given(st.integers(1, 10**6), st.sampled_from(["-", " ", "", "/", " - "]), st.integers(1, 9))
def test_padding_and_separators_do_not_matter(value, separator, width):
    written = separator.join(["INV", "MID", f"{value:0{width}d}"])
    assert references(f"to pay {written}, thanks", ["INVMID"]) == (reference_key("INVMID", value),)


def one(*args, **kwargs):
    [decision] = decide(*args, **kwargs)
    return decision


def test_a_named_invoice_paid_exactly_is_posted():
    decision = one([credit("100", "INV-MID-1")], [invoice("INV-MID-1", "100")])
    assert (decision.action, decision.rule, decision.left) == (POST, "reference", 0)


def test_a_named_invoice_may_be_paid_in_part_or_too_much():
    invoices = [invoice("INV-MID-1", "100")]
    assert one([credit("60", "INV-MID-1")], invoices).action == PROPOSE
    short = one([credit("60", "INV-MID-1", payer=1)], invoices)
    assert (short.action, short.parts[0].amount) == (POST, Decimal(60))
    over = one([credit("130", "INV-MID-1", payer=1)], invoices)
    assert (over.action, over.parts[0].amount, over.left) == (POST, Decimal(100), Decimal(30))


def test_several_named_invoices_are_posted_when_they_sum_up_and_proposed_when_short():
    invoices = [invoice("INV-MID-1", "100"), invoice("INV-MID-2", "50")]
    assert one([credit("150", "INV-MID-1 INV-MID-2")], invoices).action == POST
    assert one([credit("120", "INV-MID-1 INV-MID-2")], invoices).action == PROPOSE


def test_invoices_of_two_dealers_are_never_posted_together():
    invoices = [invoice("INV-MID-1", "100", dealer=1), invoice("INV-MID-2", "50", dealer=2)]
    assert one([credit("150", "INV-MID-1 INV-MID-2")], invoices).action == PROPOSE


def test_an_amount_is_posted_only_when_the_payer_is_known_and_owes_it_once():
    alone = [invoice("INV-MID-1", "100")]
    assert one([credit("100", payer=1)], alone).action == POST
    assert one([credit("100")], alone).action == PROPOSE
    twice = one([credit("100", payer=1)], [*alone, invoice("INV-MID-2", "100")])
    assert (twice.action, twice.alternatives) == (PROPOSE, 1)
    assert one([credit("101", payer=1)], alone).action == CASE


def test_the_currency_must_be_the_same():
    assert one([credit("100", "INV-MID-1", currency="EUR")], [invoice("INV-MID-1", "100")]).action == CASE


def test_a_paid_invoice_is_not_paid_again_in_the_same_run():
    decisions = decide(
        [credit("100", "INV-MID-1", line=1), credit("100", "INV-MID-1", line=2)],
        [invoice("INV-MID-1", "100")],
    )
    assert [decision.action for decision in decisions] == [POST, CASE]


AMOUNTS = st.sampled_from(["10", "20", "30", "50"])
INVOICES = st.lists(st.tuples(AMOUNTS, st.integers(1, 3)), max_size=8)
CREDITS = st.lists(
    st.tuples(AMOUNTS, st.lists(st.integers(0, 8), max_size=3), st.sampled_from([None, 1, 2, 3])), max_size=10
)


@given(INVOICES, CREDITS)
def test_nothing_is_paid_twice_and_every_posted_cent_is_accounted_for(owed, received):
    invoices = [invoice(f"INV-MID-{n}", amount, dealer) for n, (amount, dealer) in enumerate(owed)]
    moneys = [
        credit(amount, " ".join(f"INV-MID-{n}" for n in named), payer, line)
        for line, (amount, named, payer) in enumerate(received)
    ]
    decisions = decide(moneys, invoices)
    assert decisions == decide(moneys, invoices)
    paid: dict[object, Decimal] = defaultdict(Decimal)
    for decision in decisions:
        assert all(part.amount > 0 for part in decision.parts)
        if decision.action == POST:
            assert decision.alternatives == 0
            assert sum(part.paid for part in decision.parts) + decision.left == decision.credit.amount
            for part in decision.parts:
                paid[part.invoice.invoice_id] += part.amount
    assert all(paid[one.invoice_id] <= one.open_amount for one in invoices)
