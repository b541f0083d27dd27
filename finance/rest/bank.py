"""The operator's morning: statements, runs, cases and the ledger."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from b2b.core.actor import OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.http.parsers import Raw
from b2b.http.views import CommandView, DetailView, ListView
from finance.rest.filters import CaseFilter, EntryFilter, RunFilter, StatementFilter
from finance.rest.shapes import (
    BankStatementShape,
    CaseShape,
    ImportShape,
    JournalEntryShape,
    ResolutionInput,
    ResultsShape,
    RunInput,
    RunShape,
)
from finance.selectors import bank, ledger
from finance.services import case, comparison, resolution, statement

OPERATORS = frozenset({OPERATOR})


class Camt(Raw):
    """A bank statement in ISO 20022 XML."""

    media_type = "application/xml"


class Mt(Raw):
    """A bank statement as SWIFT MT940 or MT942."""

    media_type = "text/plain"


class Csv(Raw):
    """A bank's own export, read by the columns kept for the account."""

    media_type = "text/csv"


FILE = {one.media_type: OpenApiTypes.BYTE for one in (Camt, Mt, Csv)}


class BankStatements(ListView, CommandView):
    """List the bank statements; POST imports a camt, MT940, MT942 or CSV file whole or not at all, twice to no effect.

    A CSV file needs `?account=` with the identifier of the bank account, and `?currency=` where it has several.
    """

    scope, kinds = "finance", OPERATORS
    selector = bank.statements
    serializer = BankStatementShape
    filterset = StatementFilter
    parser_classes: ClassVar[list[type[Raw]]] = [Camt, Mt, Csv]
    output, status = ImportShape, 201

    @extend_schema(request=FILE, responses={201: ImportShape})
    def post(self, request: Request, **where: Any) -> Any:
        """Import the file."""
        return self.command(request)

    def parse(self, request: Request) -> Any:
        """Return the file as it came."""
        return request.data

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Import the statements."""
        if not isinstance(data, bytes) or not data:
            raise Invalid(
                "send the file as the body, with Content-Type application/xml, text/plain or text/csv"
            )
        return {"statements": statement.import_file(data, by=by, at=at, account_id=self._account(by))}

    def _account(self, by: Actor) -> int | None:
        wanted = self.request.query_params.get("account")
        if wanted is None:
            return None
        named = bank.accounts(by).filter(identifier=wanted)
        currency = self.request.query_params.get("currency")
        keys = list((named.filter(currency=currency) if currency else named).values_list("pk", flat=True)[:2])
        if len(keys) != 1:
            raise Invalid(f"{'several bank accounts are' if keys else 'no bank account is'} {wanted}")
        return keys[0]


class Runs(ListView, CommandView):
    """List the reconciliation runs; POST runs comparisons (bank, credit, grir, ledger, orders, outbox, stock)."""

    scope, kinds = "finance", OPERATORS
    selector = bank.runs
    serializer = RunShape
    filterset = RunFilter
    input, output, status = RunInput, ResultsShape, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Run them."""
        return {"results": comparison.run(data["what"], by=by, at=at, dry_run=data["dry_run"])}


class Cases(ListView):
    """List what a person has to decide."""

    scope, kinds = "finance", OPERATORS
    selector = bank.cases
    serializer = CaseShape
    filterset = CaseFilter


class OneCase(DetailView):
    """Show a case."""

    scope, kinds = "finance", OPERATORS
    selector = bank.cases
    serializer = CaseShape


class ResolveCase(CommandView):
    """Close a case with a reason; with allocations the bank line it is about pays those invoices."""

    scope, kinds = "finance", OPERATORS
    selector = bank.cases
    input, output = ResolutionInput, CaseShape
    versioned = True

    def call(self, data: Any, *, by: Actor, at: Any, case_id: Any) -> Any:
        """Settle the bank line when invoices are named, close the case otherwise."""
        found = self.find()
        allocations = {one["invoice_id"]: one["amount"] for one in data["allocations"]}
        if not allocations:
            return case.resolve(case_id, resolution=data["resolution"], by=by, at=at)
        if found.statement_line_id is None:
            fault = Problem("no_bank_line", "the case is about no bank line", pointer="/allocations")
            raise Invalid(problems=[fault])
        resolution.resolve(
            found.statement_line_id, allocations=allocations, note=data["resolution"], by=by, at=at
        )
        return self.find()


class JournalEntries(ListView):
    """List journal entries with their lines."""

    scope, kinds = "finance", OPERATORS
    selector = ledger.entries
    serializer = JournalEntryShape
    filterset = EntryFilter
