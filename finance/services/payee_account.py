"""Say where a factory is paid: one person proposes, another confirms, because this is where fraud begins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stdnum import bic as bic_number
from stdnum import iban

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db import sequences
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from finance.models import PayeeAccount
from finance.services import chart, second_person


@unit_of_work()
def propose(
    *, factory_id: int, currency: str, holder: str, identifier: str, by: Actor, at: datetime, bic: str = ""
) -> PayeeAccount:
    """Name an account; it is used once somebody else has confirmed it.

    :raises Forbidden: for anyone but the operator and the factory itself.
    :raises Invalid: for an IBAN or BIC that is none, naming the field.
    """
    if not by.sees_all and by.organization_id != factory_id:
        raise Forbidden("a factory names its own account")
    plain = "".join(identifier.split()).upper()
    problems = []
    if len(plain) > 34 or not (plain.isascii() and plain.replace("-", "").isalnum()):
        problems.append(Problem("bad_account", "an account has 1 to 34 letters and digits", field="identifier",
                                remedy="give the IBAN, or the number as the bank writes it"))  # fmt: skip
    elif plain[:2].isalpha() and plain[2:4].isdigit() and len(plain) >= 15 and not iban.is_valid(plain):
        problems.append(Problem("bad_iban", f"{plain} is no IBAN: its check digits are wrong", field="identifier",
                                remedy="copy it again from the factory's letter"))  # fmt: skip
    if bic and not bic_number.is_valid(bic):
        problems.append(
            Problem("bad_bic", f"{bic[:20]} is no BIC", field="bic", remedy="give 8 or 11 characters")
        )
    if not holder.strip() or not holder.isprintable():
        problems.append(
            Problem("no_holder", "the holder has no name that can be printed", field="holder",
                    remedy="name the holder")
        )  # fmt: skip
    if problems:
        raise Invalid("The account cannot be taken.", problems=problems)
    entity = chart.seller()
    value = sequences.take("payee_account", entity.pk).start
    account = PayeeAccount.objects.create(
        number=sequences.number("PA", entity.code.upper(), value),
        factory_id=factory_id,
        currency=currency,
        holder=holder.strip()[:70],
        identifier=plain,
        bic=bic.upper(),
        proposed_by=str(by)[:150],
        created_at=at,
        updated_at=at,
    )
    record([(account, "propose", "", account.status)], by=by, at=at)
    return account


@unit_of_work()
def confirm(account_id: UUID, *, by: Actor, at: datetime) -> PayeeAccount:
    """Let payments go to the account from now on.

    :raises Forbidden: for anyone but the operator. :raises SamePerson: for whoever proposed it.
    :raises IllegalTransition: when it was confirmed or withdrawn before.
    """
    if not by.sees_all:
        raise Forbidden("accounts are confirmed by the operator")
    account = lock_one(PayeeAccount.objects.filter(pk=account_id))
    second_person.insist(account, by=by)
    account.advance("confirm", by=by, at=at, confirmed_by=str(by)[:150], confirmed_at=at)
    return account


@unit_of_work()
def withdraw(account_id: UUID, *, reason: str, by: Actor, at: datetime) -> PayeeAccount:
    """Pay nothing more to the account.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: when it is withdrawn already.
    """
    if not by.sees_all:
        raise Forbidden("accounts are withdrawn by the operator")
    account = lock_one(PayeeAccount.objects.filter(pk=account_id))
    account.advance("withdraw", by=by, at=at, reason=reason)
    return account
