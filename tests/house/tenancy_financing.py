"""The routes of supply-chain finance in the tenancy matrix: a funder sees its own programmes and no other money."""

from __future__ import annotations

from typing import Any

from b2b.core.actor import DEALER, FACTORY, FUNDER, OPERATOR, acting_as
from finance.models import Financing, FinancingRepayment, FinancingRequest, StockPledge
from finance.services import pledge_valuation, repayment
from tests.factories.directory import actor
from tests.factories.finance import NOON, PLATFORM
from tests.finance.financing import world as made
from tests.finance.financing.stock import secured
from tests.house.tenancy_line import Case, Line, World

LOAN = "LOAN_RECEIVABLES"
ASKED = {"programme": "01890000-0000-7000-8000-000000000000", "asset_kind": "BILL", "asset_id": "1"}
SEEN = frozenset({"owner", OPERATOR})
BY_FUNDER: dict[str, Any] = {"owner": FUNDER, "sees": frozenset({"owner", FACTORY, OPERATOR})}
BY_BORROWER: dict[str, Any] = {"owner": FACTORY, "sees": frozenset({"owner", FUNDER, OPERATOR})}
NOT_READ: dict[str, Any] = {"sees": frozenset()}
MONEY = {"amount": "1.00", "value_date": "2026-01-01", "reference": "R-1"}


def _programme(world: World) -> Case:
    one = made.open_programme(LOAN, of=world[FUNDER])
    return Case({"programme_id": one.pk}, marker=one.number)


def _programmes(world: World) -> Case:
    return Case(marker=_programme(world).marker)


def _asked(world: World) -> FinancingRequest:
    return made.ask(made.open_programme(LOAN, of=world[FUNDER]), made.bill(world[FACTORY]))


def _request(world: World) -> Case:
    one = _asked(world)
    return Case({"request_id": one.pk}, marker=one.number)


def _requests(world: World) -> Case:
    return Case(marker=_asked(world).asset_number)


def _offers(world: World) -> Case:
    return Case(marker=_asked(world).offer.facts_key)


def _scores(world: World) -> Case:
    _asked(world)
    return Case(marker=world[FACTORY].code)


def _drawn(world: World) -> Financing:
    return made.draw(_asked(world))


def _financing(world: World) -> Case:
    one = _drawn(world)
    return Case({"financing_id": one.pk}, marker=one.number)


def _financings(world: World) -> Case:
    one = _drawn(world)
    return Case(marker=str(one.pk))


def _paid(world: World) -> tuple[Financing, int]:
    one = _drawn(world)
    repayment.repay(
        one.pk, amount=100, value_date=NOON.date(), reference="BANK-REF-1", by=actor(one.funder), at=NOON
    )
    with acting_as(PLATFORM):
        return one, FinancingRepayment.objects.get(financing=one).pk


def _repayments(world: World) -> Case:
    _paid(world)
    return Case(marker="BANK-REF-1")


def _repayment(world: World) -> Case:
    return Case({"repayment_id": _paid(world)[1]}, marker="BANK-REF-1")


def _terms(world: World) -> Any:
    return {"kind": "nothing"}


def _pledged(world: World) -> StockPledge:
    return secured(world[DEALER], world[FUNDER], world[OPERATOR])


def _pledge(world: World) -> Case:
    one = _pledged(world)
    return Case({"pledge_id": one.pk}, marker=one.number)


def _pledges(world: World) -> Case:
    return Case(marker=str(_pledged(world).pk))


def _valuations(world: World) -> Case:
    one = _pledged(world)
    pledge_valuation.revalue(by=PLATFORM, at=NOON)
    return Case(marker=one.number)


SECURED: dict[str, Any] = {"owner": FUNDER, "sees": frozenset({"owner", DEALER, OPERATOR})}
_FUNDED: dict[str, Any] = {"owner": FUNDER, **NOT_READ, "changes": SEEN}
LINES: dict[str, Line] = {
    "stock-pledges/": Line(_pledges, **SECURED),
    "stock-pledges/valuations/": Line(_valuations, **SECURED),
    "stock-pledges/<uuid:pledge_id>/release/": Line(_pledge, **_FUNDED, body=lambda world: {"quantity": 1}),
    "financing/programmes/": Line(
        _programmes, **BY_FUNDER, changes=frozenset({"owner", "rival", OPERATOR}), body=_terms
    ),
    "financing/programmes/<uuid:programme_id>/": Line(_programme, **BY_FUNDER),
    "financing/programmes/<uuid:programme_id>/open/": Line(
        _programme, owner=FUNDER, **NOT_READ, changes=frozenset({"owner"})
    ),
    "financing/programmes/<uuid:programme_id>/close/": Line(
        _programme, owner=FUNDER, **NOT_READ, changes=frozenset({"owner"})
    ),
    "financing/quotes/": Line(
        lambda world: Case(),
        owner=FACTORY,
        **NOT_READ,
        changes=frozenset({"owner", "rival", DEALER}),
        body=lambda world: ASKED,
    ),
    "financing/scores/": Line(_scores, owner=FACTORY, sees=SEEN),
    "financing/offers/": Line(_offers, **BY_BORROWER),
    "financing/requests/": Line(
        _requests, **BY_BORROWER, changes=frozenset({"owner", "rival", DEALER}), body=lambda world: ASKED
    ),
    "financing/requests/<uuid:request_id>/": Line(_request, **BY_BORROWER),
    "financing/requests/<uuid:request_id>/accept/": Line(
        _request, owner=FACTORY, **NOT_READ, changes=frozenset({"owner"})
    ),
    "financing/requests/<uuid:request_id>/decline/": Line(
        _request, owner=FACTORY, **NOT_READ, changes=frozenset({"owner"})
    ),
    "financings/": Line(_financings, **BY_FUNDER),
    "financings/repayments/": Line(_repayments, **BY_FUNDER),
    "financings/repayments/<int:repayment_id>/take-back/": Line(
        _repayment, **_FUNDED, body=lambda world: {"reason": "returned"}
    ),
    "financings/<uuid:financing_id>/": Line(_financing, **BY_FUNDER),
    "financings/<uuid:financing_id>/repayments/": Line(_financing, **_FUNDED, body=lambda world: MONEY),
    "financings/<uuid:financing_id>/default/": Line(_financing, **_FUNDED),
    "financings/<uuid:financing_id>/recourse/": Line(_financing, **_FUNDED),
    "financings/<uuid:financing_id>/write-off/": Line(
        _financing, **_FUNDED, body=lambda world: {"reason": "gone"}
    ),
}
