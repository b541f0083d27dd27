"""Where a financing stands in the books: its state as balances of accounts, which sum to zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from finance.policies.financing_replay import State, Terms
from finance.policies.waterfall import FEE, INTEREST, PENALTY, PRINCIPAL

BOOK: Final = "FINANCING"
OWED: Final = {PRINCIPAL: "8110", INTEREST: "8120", FEE: "8130", PENALTY: "8140"}
UNEARNED: Final = "8145"
PAID_OUT: Final = "8150"
INCOME: Final = "8160"
REPAID: Final = "8170"
RETURNABLE: Final = "8180"
LOST: Final = "8190"
USED: Final = "8200"
USED_CONTRA: Final = "8209"
USED_BY: Final = "8210"
USED_BY_CONTRA: Final = "8219"
NAMES: Final[dict[str, tuple[str, str]]] = {
    "8110": ("Principal financed", "DEBIT"),
    "8120": ("Interest owed to funders", "DEBIT"),
    "8130": ("Fees owed to funders", "DEBIT"),
    "8140": ("Late interest owed to funders", "DEBIT"),
    "8145": ("Interest kept back and not earned yet", "CREDIT"),
    "8150": ("Paid out by funders", "CREDIT"),
    "8160": ("Earned by funders", "CREDIT"),
    "8170": ("Repaid to funders", "DEBIT"),
    "8180": ("Paid too much, to be returned", "CREDIT"),
    "8190": ("Written off by funders", "DEBIT"),
    "8200": ("Used of a programme", "DEBIT"),
    "8209": ("Programmes given", "CREDIT"),
    "8210": ("Used of a programme by a party", "DEBIT"),
    "8219": ("Programmes given to a party", "CREDIT"),
}


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose accounts a financing moves."""

    debtor: int
    borrower: int
    funder: int


def balances(terms: Terms, found: State, parties: Parties, *, written_off: bool = False) -> dict[str, int]:
    """Return account (code:party) -> minor units, debit positive, of a financing in a state.

    Promise: they sum to zero, whatever was paid and when.
    """
    owed = dict(found.owed)
    lost = sum(owed.values()) - found.unearned if written_off else 0
    unearned = found.unearned
    if written_off:
        owed, unearned = dict.fromkeys(owed, 0), 0
    said = {f"{OWED[part]}:{parties.debtor}": amount for part, amount in owed.items()}
    said[f"{UNEARNED}:{parties.borrower}"] = -unearned
    said[f"{PAID_OUT}:{parties.funder}"] = -(terms.principal - terms.prepaid)
    said[f"{INCOME}:{parties.funder}"] = -(found.accrued + found.penalty_accrued + terms.fee)
    said[f"{REPAID}:{parties.funder}"] = found.paid
    said[f"{RETURNABLE}:{parties.borrower}"] = -found.excess
    said[f"{LOST}:{parties.funder}"] = lost
    return {key: amount for key, amount in said.items() if amount}


def difference(wanted: dict[str, int], booked: dict[str, int]) -> dict[str, int]:
    """Return what has to be moved so that what is booked becomes what is wanted."""
    moved = {key: wanted.get(key, 0) - booked.get(key, 0) for key in sorted({*wanted, *booked})}
    return {key: amount for key, amount in moved.items() if amount}


def add(booked: dict[str, int], moved: dict[str, int]) -> dict[str, int]:
    """Return balances after a movement."""
    return {key: booked.get(key, 0) + moved.get(key, 0) for key in {*booked, *moved}}
