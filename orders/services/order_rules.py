"""Order rules: one for a scope, changed or removed, each time with a line of history."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError

from b2b.catalog.models import Product
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import BuyerGroup, Organization
from orders.models import OrderRule
from orders.services import terms_history
from orders.services.agreements import may_agree
from orders.services.terms_history import Change

RULE: Final = "RULE"


class RuleTaken(DomainError):
    """Somebody else has just made a rule for the same scope; look again."""

    code = "rule_taken"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule says; None is inherited. `min_amount` is before tax, for all products of a seller only."""

    min_quantity: int | None = None
    order_multiple: int | None = None
    max_quantity: int | None = None
    min_amount: Decimal | None = None


@unit_of_work()
def put(
    seller: Organization,
    rule: Rule,
    *,
    product: Product | None = None,
    buyer: Organization | None = None,
    buyer_group: BuyerGroup | None = None,
    currency: str = "CNY",
    priority: int = 1,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> OrderRule:
    """Make the rule of a scope, or change the one that is there.

    :raises Forbidden: for anybody but the operator. :raises Invalid: when no quantity could keep to the rule.
    :raises RuleTaken: when another transaction made one in the meantime.
    """
    may_agree(by)
    _check(rule, product, buyer, buyer_group)
    scope = {
        "seller": seller, "product": product, "buyer": buyer, "buyer_group": buyer_group,
        "currency": currency, "priority": priority,
    }  # fmt: skip
    with acting_as(system("order rules")):
        found = lock(OrderRule.objects.filter(**_exactly(scope)))
        made = found[0] if found else OrderRule(**scope)
        before = _shown(made) if found else None
        for name, value in asdict(rule).items():
            setattr(made, name, value)
        try:
            made.save()
        except IntegrityError as error:
            if "one_order_rule" in str(error):
                raise RuleTaken from error
            raise
        _note(made, "change" if found else "create", before, _shown(made), by=by, at=at, reason=reason)
    return made


@unit_of_work()
def remove(rule: OrderRule, *, reason: str = "", by: Actor, at: datetime) -> None:
    """Take a rule away; what it said stays in the history.

    :raises Forbidden: for anybody but the operator. :raises NotFound: when it is gone already.
    """
    may_agree(by)
    with acting_as(system("order rules")):
        locked = lock_one(OrderRule.objects.filter(pk=rule.pk))
        _note(locked, "remove", _shown(locked), None, by=by, at=at, reason=reason)
        locked.delete()


def _check(
    rule: Rule, product: Product | None, buyer: Organization | None, buyer_group: BuyerGroup | None
) -> None:
    problems = []
    if buyer is not None and buyer_group is not None:
        problems.append(Problem("two_audiences", "a rule is for a buyer or for a group", field="buyer_group"))
    if rule.min_amount is not None and product is not None:
        problems.append(
            Problem(
                "amount_of_product", "an order minimum is for all products of a seller", field="min_amount"
            )
        )
    for name in ("min_quantity", "order_multiple", "max_quantity"):
        value = getattr(rule, name)
        if value is not None and value < 1:
            problems.append(Problem(f"invalid_{name}", f"{value} is not above zero", field=name))
    if not problems and rule.max_quantity is not None:
        multiple = rule.order_multiple or 1
        if rule.max_quantity // multiple * multiple < (rule.min_quantity or 1):
            problems.append(
                Problem("nothing_fits", "no multiple lies between minimum and maximum", field="max_quantity")
            )
    if rule == Rule():
        problems.append(
            Problem("empty_rule", "the rule says nothing", remedy="Fill in a field or remove it.")
        )
    if problems:
        raise Invalid("The rule cannot be kept.", problems=problems)


def _exactly(scope: dict[str, Any]) -> dict[str, Any]:
    return {
        (f"{name}__isnull" if value is None else name): (True if value is None else value)
        for name, value in scope.items()
    }


def _shown(rule: OrderRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in asdict(Rule())}


def _note(
    rule: OrderRule,
    verb: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    change = Change(RULE, rule.pk, rule.seller_id, verb, before, after)
    terms_history.record([change], by=by, at=at, reason=reason)
