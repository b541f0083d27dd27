"""Credit control: the limit is an account, an order a pending entry, a receivable a posted one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.finance import CreditAnswer
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotFound
from b2b.core.money import Money
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from finance.models import AccountBalance, CreditHold
from finance.policies.credit import Position, after_change, after_invoice
from finance.policies.entry import Entry, entry_id
from finance.selectors import credit as positions
from finance.services import credit_refusal, exposure, ledger
from finance.services.exposure import Exposure
from finance.states import CREDIT_HOLD


class WrongCurrency(Invalid):
    """An order's credit is held in the order's own currency."""

    code = "wrong_currency"


@unit_of_work()
def hold(
    *,
    dealer_id: int,
    order_id: UUID,
    amount: Money,
    by: Actor,
    at: datetime,
    version: int = 0,
    forced: bool = False,
) -> CreditAnswer:
    """Reserve the value of an order, tax included, if the limit allows; asked again, change it to `amount`.

    Never raises for a refusal: the answer says limit, used, reserved and shortfall. `forced` is for facts that have
    happened already and passes the limit.
    """
    account, now, known, opened = exposure.stand(dealer_id, amount.currency, order_id, at=at)
    if known is not None and known.currency != amount.currency:
        raise WrongCurrency
    held, invoiced = (known.held, known.invoiced) if known else (0, 0)
    target = after_change(amount.minor, invoiced)
    if now.shortfall(target - held) and not forced:
        return credit_refusal.refuse(now, amount, target - held, dealer_id, order_id, by=by, at=at)
    last = known.entry_id if known else None
    changed = None if held == target else _hold_of(account, order_id, last, target, forced=forced, at=at)
    params = {
        "order": order_id,
        "dealer": dealer_id,
        "account": account.account_id,
        "currency": amount.currency,
        "version": max(version, known.order_version if known else 0),
        "held": target,
        "entry": (changed.id if target else None) if changed else last,
        "status": _status(target, invoiced),
        "at": at,
    }
    # The account is locked, so that nobody else opens this hold meanwhile.
    if changed is None:
        execute(_KEEP, params)
    else:
        # A hold is a promise and books nothing into days that are closed: it holds from the first open one.
        changed = replace(changed, effective_date=opened)
        ledger.post([changed], by=by, beside=_KEEP, params=params)
    after = Position(now.limit, now.used, now.reserved + target - held)
    return positions.answer(after, amount.currency, granted=True)


_KEEP: Final = """
    INSERT INTO finance_credithold (order_id, dealer_id, account_id, currency, order_version, held, invoiced,
        entry_id, status, created_at, updated_at)
    VALUES (%(order)s::uuid, %(dealer)s, %(account)s, %(currency)s, %(version)s, %(held)s, 0, %(entry)s::uuid,
        %(status)s, %(at)s, %(at)s)
    ON CONFLICT (order_id) DO UPDATE SET held = excluded.held, entry_id = excluded.entry_id,
        status = excluded.status, order_version = excluded.order_version, updated_at = excluded.updated_at
"""


def _status(held: int, invoiced: int) -> str:
    if held:
        return "HELD"
    return "INVOICED" if invoiced else "RELEASED"


def _rehold(
    account: Exposure,
    order_id: UUID,
    entry: UUID | None,
    held: int,
    target: int,
    *,
    forced: bool,
    by: Actor,
    at: datetime,
) -> UUID | None:
    """Replace the pending entry of an order by one over `target`; return its id, None when nothing is held."""
    if held == target:
        return entry
    replacing = _hold_of(account, order_id, entry, target, forced=forced, at=at)
    ledger.post_late([replacing], by=by)
    return replacing.id if target else None


def _hold_of(
    account: Exposure, order_id: UUID, last: UUID | None, target: int, *, forced: bool, at: datetime
) -> Entry:
    """Return the entry that holds `target` for an order in place of its last one."""
    return account.entry(
        target,
        kind="credit_hold" if target else "credit_release",
        at=at,
        is_pending=bool(target),
        resolves=last,
        forced=forced,
        source_type="order",
        source_id=str(order_id),
    )


@unit_of_work()
def adjust(
    *,
    order_id: UUID,
    amount: Money,
    by: Actor,
    at: datetime,
    version: int | None = None,
    forced: bool = False,
) -> CreditAnswer:
    """Change what an order holds to its new whole value, less what was invoiced; a late `version` changes nothing.

    :raises NotFound: when the order never held credit.
    """
    known = CreditHold.objects.filter(pk=order_id).first()
    if known is None:
        raise NotFound(f"order {order_id} holds no credit")
    now = exposure.locked_position(known.account_id)
    known.refresh_from_db()
    if (version is not None and version <= known.order_version) or known.status == "RELEASED":
        return positions.answer(now, known.currency, granted=True)
    return hold(
        dealer_id=known.dealer_id,
        order_id=order_id,
        amount=amount,
        by=by,
        at=at,
        version=version or known.order_version,
        forced=forced,
    )


@unit_of_work()
def lower(amounts: Mapping[UUID, Money], *, by: Actor, at: datetime) -> None:
    """Lower what orders hold to their new whole values, less what was invoiced; a constant number of statements.

    A value that rose is left to `adjust`, which may refuse it; an order that holds nothing is left alone.
    """
    known = CreditHold.objects.filter(pk__in=amounts, held__gt=0)
    lock(AccountBalance.objects.filter(pk__in=set(known.values_list("account_id", flat=True))))
    entries, rows = [], []
    holds = lock(known)
    accounts = exposure.of_dealers((one.dealer_id, one.currency) for one in holds)
    for one in holds:
        target = after_change(amounts[one.order_id].minor, one.invoiced)
        if target >= one.held:
            continue
        changed = _replacement(accounts[one.dealer_id, one.currency], one, target, at=at)
        entries.append(changed)
        entry = changed.id if target else None
        rows.append((one.order_id, target, one.invoiced, entry, _status(target, one.invoiced), at))
    ledger.post_late(entries, by=by)
    _write_holds(rows)


def _replacement(account: Exposure, known: CreditHold, target: int, *, at: datetime) -> Entry:
    """Return the entry that holds `target` in place of what an order holds."""
    return _hold_of(account, known.order_id, known.entry_id, target, forced=True, at=at)


@unit_of_work()
def follow(
    *, dealer_id: int, order_id: UUID, amount: Money, version: int, by: Actor, at: datetime
) -> CreditAnswer:
    """Let the hold of an order be what a confirmed version of it comes to, past the limit if need be.

    The facts have happened: an order confirmed without a hold is exposure all the same.
    """
    if not CreditHold.objects.filter(pk=order_id).exists():
        return hold(
            dealer_id=dealer_id, order_id=order_id, amount=amount, version=version, by=by, at=at, forced=True
        )
    return adjust(order_id=order_id, amount=amount, version=version, by=by, at=at, forced=True)


@unit_of_work()
def release(*, order_id: UUID, by: Actor, at: datetime, version: int | None = None) -> None:
    """Free what an order still holds; an order that holds nothing is left alone.

    A `version` older than the one that holds it now is of a cancellation that was taken back.
    """
    known = CreditHold.objects.filter(pk=order_id).first()
    if known is None:
        return
    exposure.locked_position(known.account_id)
    known.refresh_from_db()
    if (
        not CREDIT_HOLD.allows(known.status, "release")
        or (version or known.order_version) < known.order_version
    ):
        return
    account = exposure.of_dealers([(known.dealer_id, known.currency)])[known.dealer_id, known.currency]
    _rehold(account, order_id, known.entry_id, known.held, 0, forced=True, by=by, at=at)
    CreditHold.objects.filter(pk=order_id).update(
        held=0,
        entry=None,
        status=CREDIT_HOLD.next(known.status, "release"),
        order_version=max(version or 0, known.order_version),
        updated_at=at,
    )


@dataclass(frozen=True, slots=True)
class Share:
    """The part of an invoice that is one order's, in minor units, and whether the order is now invoiced in full."""

    amount: int
    is_complete: bool


@unit_of_work()
def turn_into_receivable(
    *,
    source_id: UUID,
    dealer_id: int,
    currency: str,
    shares: Mapping[UUID, Share],
    by: Actor,
    at: datetime,
) -> None:
    """Let an invoice use the credit its orders held; never refused, because the goods are with the dealer."""
    account = exposure.of_dealers([(dealer_id, currency)])[dealer_id, currency]
    lock_one(AccountBalance.objects.filter(pk=account.account_id))
    gross = sum(share.amount for share in shares.values())
    entries = [
        account.entry(
            gross,
            kind="credit_used",
            at=at,
            key=entry_id("credit_used", source_id),
            source_type="invoice",
            source_id=str(source_id),
            forced=True,
        )
    ]
    rows = []
    for known in lock(CreditHold.objects.filter(pk__in=shares, currency=currency)):
        share = shares[known.order_id]
        target = after_invoice(known.held, share.amount, is_complete=share.is_complete)
        entry = known.entry_id
        if target != known.held:
            changed = _replacement(account, known, target, at=at)
            entries.append(changed)
            entry = changed.id if target else None
        invoiced = known.invoiced + share.amount
        status = "RELEASED" if known.status == "RELEASED" else _status(target, invoiced)
        rows.append((known.order_id, target, invoiced, entry, status, at))
    ledger.post_late(entries, by=by)
    _write_holds(rows)


HOLD_COLUMNS = {
    "order_id": "uuid",
    "held": "bigint",
    "invoiced": "bigint",
    "entry_id": "uuid",
    "status": "text",
    "updated_at": "timestamptz",
}


def _write_holds(rows: Sequence[tuple[object, ...]]) -> None:
    execute(
        f"""
        UPDATE finance_credithold kept SET held = given.held, invoiced = given.invoiced, entry_id = given.entry_id,
            status = given.status, updated_at = given.updated_at
        FROM {unnest(HOLD_COLUMNS)} WHERE kept.order_id = given.order_id
        """,
        transpose(list(HOLD_COLUMNS), rows),
    )
