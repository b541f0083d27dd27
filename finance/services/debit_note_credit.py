"""Take a debit note back, in full or in part, by a credit note: what is issued is never written over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Sum

from b2b.contracts.finance import DebitNoteCredited
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, NotFound, Problem
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import CreditNote, CreditNoteLine, DebitNoteLine, Invoice
from finance.policies import crediting
from finance.policies.trade_document import DEBIT_NOTE
from finance.services import credit_note
from finance.services.credit_note import Cause
from finance.services.credit_note_draft import Draft, Part, reckon_tax

ALL: Final[Mapping[int, int]] = {}


class InvalidDebitCredit(Invalid):
    """A credit of a debit note says why, and takes back no more of a line than it charged."""

    code = "invalid_debit_credit"


@unit_of_work()
def credit(
    debit_note_id: UUID, quantities: Mapping[int, int] = ALL, *, reason: str, by: Actor, at: datetime
) -> CreditNote:
    """Take back so many units of lines of a debit note, by line number; without any all that is left of it.

    Posts revenue and output tax against the receivable, and what was paid already against the dealer's advances;
    gives back the credit it used. The units of a line, in any number of steps, come to what it charged, and so does
    the tax. Publishes DebitNoteCredited.

    :raises Forbidden: for anyone but the operator. :raises NotFound: when there is no such debit note.
    :raises InvalidDebitCredit: naming what is wrong.
    """
    if not by.sees_all:
        raise Forbidden("debit notes are the operator's to credit")
    found = lock(Invoice.objects.filter(pk=debit_note_id, type_code=DEBIT_NOTE))
    if not found:
        raise NotFound("there is no such debit note")
    draft = Draft(found[0])
    draft.lines = _parts(found[0], quantities, reason)
    reckon_tax([draft])
    [note] = credit_note.issue([draft], Cause(reason=reason.strip()[:200]), by=by, at=at)
    publish(_told(note, found[0], at=at))
    return note


def _parts(note: Invoice, quantities: Mapping[int, int], reason: str) -> list[Part]:
    """Price what is taken back, or say everything that is wrong with it; two statements."""
    lines = {one.line_number: one for one in note.debit_lines.select_related("invoice_line")}
    before = dict(
        CreditNoteLine.objects.filter(debit_line__debit_note=note)
        .values_list("debit_line_id")
        .annotate(Sum("quantity"))
    )
    left = {number: one.quantity - before.get(one.pk, 0) for number, one in lines.items()}
    wanted = quantities or {number: many for number, many in left.items() if many}
    problems = [
        Problem("no_such_line", f"{note.number} has no line {number}", pointer=f"/lines/{number}")
        if number not in lines
        else Problem("nothing_left", f"line {number} has {left[number]} left to credit", pointer=f"/lines/{number}",
                     remedy="credit one unit or more, and no more than is left")
        for number, many in wanted.items()
        if not 1 <= many <= left.get(number, 0)
    ]  # fmt: skip
    if not reason.strip():
        problems.append(Problem("no_reason", "say why it is credited", pointer="/reason"))
    if not wanted:
        problems.append(Problem("nothing_left", f"all of {note.number} is credited", pointer="/lines"))
    if problems:
        raise InvalidDebitCredit("Nothing was credited.", problems=problems)
    return [_part(lines[number], before, many, note.currency) for number, many in sorted(wanted.items())]


def _part(line: DebitNoteLine, before: Mapping[int, int], quantity: int, currency: str) -> Part:
    net = crediting.net_of(before.get(line.pk, 0), quantity, line.unit_price, currency)
    return Part(line.invoice_line, quantity, net, debit_line=line)


def _told(note: CreditNote, debited: Invoice, *, at: datetime) -> DebitNoteCredited:
    return DebitNoteCredited(
        occurred_at=at,
        credit_note_id=note.pk,
        number=note.number,
        debit_note_id=debited.pk,
        debit_note_number=debited.number,
        dealer_id=note.dealer_id,
        currency=note.currency,
        net_amount=note.net_amount,
        tax_amount=note.tax_amount,
        gross_amount=note.gross_amount,
        reason=note.reason,
    )
