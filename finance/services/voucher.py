"""Issue, split and transfer vouchers: each is an ordinary entry in a unit of the voucher's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db import sequences
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import SupplierInvoice, Voucher, VoucherRoot
from finance.policies import voucher_term
from finance.policies.chart import MAIN, PAYABLES, VOUCHERS_ISSUED
from finance.policies.entry import Entry, Line, entry_id
from finance.selectors import voucher as selectors
from finance.services import chart, ledger, memo_accounts
from finance.services.chart import Wanted
from finance.services.memo_accounts import Memo

DESK: Final = system("vouchers")
BOOK: Final = "VOUCHERS"
HELD: Final = "8300"
ISSUED: Final = "8309"


class TermRefused(DomainError):
    """The jurisdiction allows no voucher of such a term."""

    code = "voucher_term_refused"


class VoucherFinanced(DomainError):
    """A voucher that was bought stays with its funder until what was drawn on it is repaid."""

    code = "voucher_financed"


@unit_of_work()
def issue(
    bill_id: UUID, *, by: Actor, at: datetime, due_date: date | None = None, jurisdiction: str = ""
) -> Voucher:
    """Promise to pay an approved bill by a voucher in place of a transfer; the factory holds all of it.

    :raises Forbidden: for anyone but the operator, who owes the bill. :raises NotFound: when there is no such bill.
    :raises IllegalTransition: when it is not approved and open. :raises TermRefused: naming the rule.
    """
    if not by.sees_all:
        raise Forbidden("whoever owes a bill issues the voucher for it")
    with acting_as(DESK):
        bill = lock_one(SupplierInvoice.objects.select_related("factory").filter(pk=bill_id))
        issuer, day = chart.seller(), timezone.localtime(at).date()
        due, where = due_date or bill.due_date, jurisdiction or bill.factory.country
        verdict = voucher_term.judge(where, day, due)
        if verdict.refusal:
            raise TermRefused(verdict.refusal, bill=bill.number)
        face = Money.of(bill.open_amount, bill.currency).minor
        bill.advance("assign", by=by, at=at, reason="voucher", open_amount=Decimal(0))
        serial = sequences.take("voucher", issuer.pk).start
        root = VoucherRoot.objects.create(
            serial=serial,
            number=sequences.number("VC", issuer.code.upper(), serial),
            unit=f"V{serial:08d}",
            issuer=issuer,
            first_holder=bill.factory,
            bill=bill,
            jurisdiction=where,
            currency=bill.currency,
            face=face,
            issue_date=day,
            due_date=due,
            warning=verdict.warning[:200],
            issued_at=at,
        )
        piece = _piece(root, bill.factory_id, face, at=at)
        post(root, "voucher_issued", piece.pk, day, [
            (Memo(HELD, root.unit, bill.factory_id, "Vouchers held", "DEBIT", True, 0), face, piece),
            (Memo(ISSUED, root.unit, issuer.pk, "Vouchers issued", "CREDIT"), -face, piece),
        ], by=by, at=at)  # fmt: skip
        owe(root, PAYABLES, VOUCHERS_ISSUED, face, "voucher_issued", root.number, day, by=by, at=at)
        record([(piece, "issue", "", piece.status)], by=by, at=at, reason=verdict.warning)
        return piece


@unit_of_work()
def split(voucher_id: UUID, amounts: Sequence[int], *, by: Actor, at: datetime) -> list[Voucher]:
    """Cut a piece into pieces of `amounts` minor units, which make it up; each is due when it was.

    :raises NotFound: when it is not the actor's. :raises Invalid: when the parts do not make up the whole.
    :raises IllegalTransition: when it is pledged, or has gone on.
    """
    with acting_as(DESK):
        whole = free_piece(voucher_id, by=by)
        if len(amounts) < 2 or min(amounts) <= 0 or sum(amounts) != whole.amount:
            raise Invalid(f"give two or more positive parts that make up {whole.amount}")
        whole.advance("split", by=by, at=at)
        parts = [_piece(whole.root, whole.holder_id, amount, parent=whole, at=at) for amount in amounts]
        account = held_by(whole.root, whole.holder_id)
        legs = [(account, -whole.amount, whole), *((account, part.amount, part) for part in parts)]
        post(whole.root, "voucher_split", whole.pk, timezone.localtime(at).date(), legs, by=by, at=at)
        record(((part, "cut", "", part.status) for part in parts), by=by, at=at)
        return parts


@unit_of_work()
def transfer(
    voucher_id: UUID, *, to_id: int, with_recourse: bool, by: Actor, at: datetime, amount: int | None = None
) -> Voucher:
    """Hand a piece, or a part of it, on to somebody else and return what that one holds.

    `with_recourse` is of this hop alone: whether the new holder may come back to this one.

    :raises NotFound: when it is not the actor's, or there is no such party. :raises Invalid: for a part that is none.
    :raises IllegalTransition: when it is pledged, or has gone on.
    """
    with acting_as(DESK):
        piece = free_piece(voucher_id, by=by)
        receiver = Organization.objects.filter(pk=to_id, is_active=True).first()
        if receiver is None:
            raise NotFound("there is no such party")
        if receiver.pk == piece.holder_id:
            raise Invalid("it is in these hands already")
        if amount is not None and not 0 < amount <= piece.amount:
            raise Invalid(f"a part lies between nothing and {piece.amount}")
        if amount is not None and amount < piece.amount:
            piece = split(piece.pk, [amount, piece.amount - amount], by=by, at=at)[0]
        return hand_over(piece, receiver.pk, with_recourse=with_recourse, by=by, at=at)


def hand_over(piece: Voucher, to_id: int, *, with_recourse: bool, by: Actor, at: datetime) -> Voucher:
    """Let a locked piece change hands and return what the other one holds."""
    piece.advance("transfer", by=by, at=at)
    received = _piece(piece.root, to_id, piece.amount, parent=piece, with_recourse=with_recourse, at=at)
    legs = [
        (held_by(piece.root, piece.holder_id), -piece.amount, piece),
        (held_by(piece.root, to_id), piece.amount, received),
    ]
    post(piece.root, "voucher_transfer", piece.pk, timezone.localtime(at).date(), legs, by=by, at=at)
    record([(received, "receive", "", received.status)], by=by, at=at)
    return received


def free_piece(voucher_id: UUID, *, by: Actor) -> Voucher:
    """Lock a piece of the actor's that nothing is drawn on and return it.

    :raises NotFound: when there is none. :raises VoucherFinanced: naming the financing that bought it.
    """
    piece = own_piece(voucher_id, by=by)
    one = selectors.bought_by(piece)
    if one is not None:
        raise VoucherFinanced(
            f"{piece.number} was bought by {one.number}; it is redeemed on {piece.root.due_date}",
            voucher=piece.number,
        )
    return piece


def own_piece(voucher_id: UUID, *, by: Actor) -> Voucher:
    """Lock a piece of the actor's and return it.

    :raises NotFound: when there is none.
    """
    mine = Voucher.objects.select_related("root").filter(pk=voucher_id)
    return lock_one(mine if by.sees_all else mine.filter(holder_id=by.organization_id))


def _piece(
    root: VoucherRoot,
    holder_id: int,
    amount: int,
    *,
    at: datetime,
    parent: Voucher | None = None,
    with_recourse: bool = False,
) -> Voucher:
    key = uuid7()
    # The number says nothing of how many pieces there are, and nobody waits for the next one.
    return Voucher.objects.create(
        id=key, number=f"{root.number}/{key.hex[-12:]}", root=root, parent=parent, holder_id=holder_id,
        amount=amount, with_recourse=with_recourse, created_at=at, updated_at=at,
    )  # fmt: skip


def held_by(root: VoucherRoot, party_id: int) -> Memo:
    """What a party holds of a voucher can never be less than nothing, what it has pledged counted off."""
    return Memo(HELD, root.unit, party_id, "Vouchers held", "DEBIT", is_limited=True, floor=0)


def post(
    root: VoucherRoot,
    kind: str,
    key: UUID,
    day: date,
    legs: Sequence[tuple[Memo, int, Voucher]],
    *,
    by: Actor,
    at: datetime,
    is_pending: bool = False,
) -> UUID:
    """Post what a step moves in the voucher's own unit and return the entry."""
    book = memo_accounts.book(BOOK, "Vouchers")
    keys = memo_accounts.accounts(book, (memo for memo, _, _ in legs))
    entry = Entry(
        id=entry_id(kind, key),
        book_id=book,
        kind=kind,
        effective_date=day,
        booked_at=at,
        lines=tuple(Line(keys[memo.key], amount, f"voucher:{piece.pk}") for memo, amount, piece in legs),
        is_pending=is_pending,
        source_type="voucher",
        source_id=str(root.pk),
    )
    ledger.post_late([entry], by=by)
    return entry.id


def owe(
    root: VoucherRoot,
    debit: str,
    credit: str,
    amount: int,
    kind: str,
    key: object,
    day: date,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Move what we owe in the main book: from the factory's payable to the voucher, from there to the bank."""
    party = {PAYABLES: root.first_holder_id}
    wanted = [Wanted(code, root.currency, party.get(code)) for code in (debit, credit)]
    keys = chart.accounts(wanted)
    about = f"voucher:{root.number}"
    entry = Entry(
        id=entry_id(f"{kind}_owed", key),
        book_id=chart.books()[MAIN],
        kind=kind,
        effective_date=day,
        booked_at=at,
        lines=(Line(keys[wanted[0]], amount, about), Line(keys[wanted[1]], -amount, about)),
        source_type="voucher",
        source_id=str(root.pk),
    )
    ledger.post_late([entry], by=by)
