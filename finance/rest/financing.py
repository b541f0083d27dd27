"""Supply-chain finance: programmes, what one may get, requests, what is drawn and paid back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from b2b.core.actor import DEALER, FACTORY, FUNDER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.core.money import Money
from b2b.directory.selectors import organization
from b2b.http.views import CommandView, DetailView, ListView
from finance.rest.financing_shapes import (
    AskInput,
    AssetInput,
    FinancingQuotes,
    FinancingReason,
    FinancingRequestShape,
    FinancingShape,
    LoggedOfferShape,
    ProgrammeInput,
    ProgrammeShape,
    RepayInput,
    RepaymentShape,
    ScoreShape,
)
from finance.selectors import financing as selectors
from finance.services import financing, financing_default, financing_request, possible, programme, repayment
from finance.services.programme import Draft

PARTIES = frozenset({DEALER, FACTORY, FUNDER, OPERATOR})
BORROWERS = frozenset({DEALER, FACTORY})
FUNDERS = frozenset({FUNDER, OPERATOR})


class Programmes(ListView, CommandView):
    """List programmes: a funder's own, or those one may ask; POST drafts one, which its funder opens."""

    scope, kinds, write_kinds = "financing", PARTIES, FUNDERS
    selector = selectors.programmes
    serializer = output = ProgrammeShape
    input, status = ProgrammeInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Draft it."""
        code = data.pop("funder", by.organization_code)
        funder = organization.visible(by).filter(code=code, kind__in=FUNDERS).first()
        if funder is None:
            raise Invalid(problems=[Problem("unknown_funder", "there is no such funder", pointer="/funder")])
        for name in ("limit", "party_limit"):
            data[name] = Money.of(data[name], data["currency"]).minor
        return programme.draft(Draft(**data), funder_id=funder.pk, by=by, at=at)


class OneProgramme(DetailView):
    """Show a programme."""

    scope, kinds = "financing", PARTIES
    selector = selectors.programmes
    serializer = ProgrammeShape


class OpenProgramme(CommandView):
    """Let parties ask the programme for money; its funder alone may."""

    scope, kinds, selector = "financing", FUNDERS, selectors.programmes
    output = ProgrammeShape

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Open it."""
        return programme.open_programme(where["programme_id"], by=by, at=at)


class CloseProgramme(CommandView):
    """Take no new requests; what is drawn runs on."""

    scope, kinds, selector = "financing", FUNDERS, selectors.programmes
    output = ProgrammeShape

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Close it."""
        return programme.close(where["programme_id"], by=by, at=at)


class Quotes(CommandView):
    """Say what every open programme would offer for an asset now, the best first, and why not more."""

    scope, kinds = "financing", BORROWERS
    input, output = AssetInput, FinancingQuotes

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Ask them all."""
        return {"quotes": possible.quotes(data["asset_kind"], data["asset_id"], by=by, at=at)}


class FinancingRequests(ListView, CommandView):
    """List requests with what was answered; POST asks for money on an asset and is answered at once, by rule."""

    scope, kinds, write_kinds = "financing", PARTIES, BORROWERS
    selector = selectors.requests
    serializer = output = FinancingRequestShape
    input, status = AskInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Ask."""
        found = selectors.programmes(by).filter(pk=data["programme"]).first()
        if found is None:
            raise Invalid(
                problems=[Problem("unknown_programme", "there is no such programme", pointer="/programme")]
            )
        wanted = data["wanted"]
        return financing_request.ask(
            found.pk,
            asset_kind=data["asset_kind"],
            asset_key=data["asset_id"],
            borrower_id=by.organization_id or 0,
            wanted=None if wanted is None else Money.of(wanted, found.currency).minor,
            by=by,
            at=at,
        )


class OneFinancingRequest(DetailView):
    """Show a request with what was answered."""

    scope, kinds = "financing", PARTIES
    selector = selectors.requests
    serializer = FinancingRequestShape


class AcceptOffer(CommandView):
    """Take an offer: the asset is claimed and the money drawn."""

    scope, kinds, selector = "financing", BORROWERS, selectors.requests
    output = FinancingShape

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Draw it."""
        drawn = financing.draw(where["request_id"], by=by, at=at)
        return selectors.financings(by).get(pk=drawn.pk)


class DeclineOffer(CommandView):
    """Do not take an offer."""

    scope, kinds, selector = "financing", BORROWERS, selectors.requests
    output = FinancingRequestShape

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Turn it down."""
        return financing_request.turn_down(where["request_id"], by=by, at=at)


class OfferLog(ListView):
    """List what was answered to whom, on which facts and by which rule: equal facts got equal answers."""

    scope, kinds = "financing", PARTIES
    selector = selectors.offers
    serializer = LoggedOfferShape


class Financings(ListView):
    """List what is drawn and where it stands."""

    scope, kinds = "financing", PARTIES
    selector = selectors.financings
    serializer = FinancingShape


class OneFinancing(DetailView):
    """Show a financing with its instalments."""

    scope, kinds = "financing", PARTIES
    selector = selectors.financings
    serializer = FinancingShape


class _Move(CommandView):
    scope, kinds, selector = "financing", FUNDERS, selectors.financings
    output = FinancingShape

    def shown(self, by: Actor, key: UUID) -> Any:
        """Return the financing as it now is."""
        return selectors.financings(by).get(pk=key)


class Repay(_Move):
    """Enter money that came in; entered late, it counts from its value date all the same."""

    input, status = RepayInput, 201

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Enter it."""
        key = where["financing_id"]
        amount = Money.of(data["amount"], selectors.financings(by).get(pk=key).currency).minor
        repayment.repay(
            key, amount=amount, value_date=data["value_date"], reference=data["reference"], by=by, at=at
        )
        return self.shown(by, key)


class DeclareDefault(_Move):
    """Say that it is in default, once it has been overdue for as long as its programme says."""

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Declare it."""
        financing_default.declare_default(where["financing_id"], by=by, at=at)
        return self.shown(by, where["financing_id"])


class TakeRecourse(_Move):
    """Ask the borrower for what the obligor did not pay."""

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Take it."""
        financing_default.take_recourse(where["financing_id"], by=by, at=at)
        return self.shown(by, where["financing_id"])


class WriteOff(_Move):
    """Bear what nobody will pay."""

    input = FinancingReason

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Write it off."""
        financing_default.write_off(where["financing_id"], reason=data["reason"], by=by, at=at)
        return self.shown(by, where["financing_id"])


class Repayments(ListView):
    """List what was paid on financings."""

    scope, kinds = "financing", PARTIES
    selector = selectors.repayments
    serializer = RepaymentShape


class TakeRepaymentBack(CommandView):
    """Undo a repayment that the bank returned or that was entered by mistake."""

    scope, kinds, selector = "financing", FUNDERS, selectors.repayments
    input, output = FinancingReason, FinancingShape

    def call(self, data: Any, *, by: Actor, at: Any, **where: int) -> Any:
        """Take it back."""
        one = repayment.take_back(where["repayment_id"], reason=data["reason"], by=by, at=at)
        return selectors.financings(by).get(pk=one.pk)


class Scores(ListView):
    """List scores as they were: one's own, with what they were reckoned from and why they are no better."""

    scope, kinds = "financing", frozenset({DEALER, FACTORY, OPERATOR})
    selector = selectors.scores
    serializer = ScoreShape
