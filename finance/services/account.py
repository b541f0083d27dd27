"""Close accounts that are no longer needed, and open them again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Forbidden, NotFound
from b2b.db.bulk import fetch_value
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from finance.models import Account
from finance.selectors import balance
from finance.services.period import CLOSING

PENDING: Final = """
    SELECT EXISTS (
        SELECT FROM finance_journalline line JOIN finance_journalentry entry ON entry.id = line.entry_id
        WHERE line.account_id = %s AND line.is_pending AND coalesce(entry.expires_at > midstream_now(), true)
            AND NOT EXISTS (SELECT FROM finance_journalentry resolver WHERE resolver.resolves_id = entry.id))
"""


class AccountInUse(DomainError):
    """An account with a balance or with pending entries cannot be closed."""

    code = "account_in_use"


@unit_of_work()
def close(account_id: int, *, by: Actor, at: datetime) -> Account:
    """Let an account take no more entries; one that is closed stays as it is.

    :raises AccountInUse: when something is on it or pending. :raises Forbidden: for anyone but the operator.
    """
    account = _locked(account_id, by)
    if account.closed_at is None:
        if balance.of_account(by, account_id, effective=date.max).amount or fetch_value(
            PENDING, [account_id]
        ):
            raise AccountInUse(account=account.code)
        Account.objects.filter(pk=account_id).update(closed_at=at)
        account.closed_at = at
    return account


@unit_of_work()
def reopen(account_id: int, *, by: Actor) -> Account:
    """Let a closed account take entries again.

    :raises Forbidden: for anyone but the operator.
    """
    account = _locked(account_id, by)
    Account.objects.filter(pk=account_id).update(closed_at=None)
    account.closed_at = None
    return account


def _locked(account_id: int, by: Actor) -> Account:
    if not by.sees_all:
        raise Forbidden("accounts are the operator's")
    advisory_lock(CLOSING)
    found = Account.objects.filter(pk=account_id).first()
    if found is None:
        raise NotFound("there is no such account")
    return found
