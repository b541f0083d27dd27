"""Keep the rules of approval, and who decides for whom while they are away; the history keeps who said so."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, Problem
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Membership, Organization, Site
from orders.models import ApprovalRule, ApprovalSubstitute
from orders.services import terms_history
from orders.services.terms_history import Change

APPROVAL: Final = "APPROVAL"
STAND_IN: Final = "STAND_IN"


class InvalidRule(Invalid):
    """The rule cannot be kept; each problem names its field."""

    code = "invalid_approval_rule"


class RuleRetired(DomainError):
    """The rule was replaced or retired meanwhile; look at the rules that are in force now."""

    code = "approval_rule_retired"


def _administrators_only(organization: Organization, by: Actor) -> None:
    own = by.organization_id == organization.pk and Membership.Role.ADMIN in by.roles
    if not (own or by.sees_all):
        raise Forbidden("only an administrator says who approves")


@unit_of_work()
def put(
    organization: Organization,
    *,
    name: str,
    amount_from: Decimal,
    tier: int = 1,
    currency: str = "",
    category: str = "",
    site: Site | None = None,
    role: str = "",
    approver: str = "",
    allow_requester: bool = False,
    remind_after_hours: int = 24,
    by: Actor,
    at: datetime,
) -> ApprovalRule:
    """Add a rule: a role, or a person of the organisation by username, approves from a net amount on.

    Orders that wait already are not asked again.

    :raises Forbidden: unless an administrator of the organisation, or the operator, asks.
    :raises InvalidRule: unless exactly one of role and approver is named, and both belong to the organisation.
    """
    _administrators_only(organization, by)
    person = _person(organization, approver) if approver else None
    problems = []
    if bool(role) == bool(approver):
        problems.append(Problem("role_or_person", "name a role or a person, not both", field="role"))
    if approver and person is None:
        problems.append(Problem("unknown_person", f"{approver} is nobody of yours", field="approver"))
    if site is not None and site.organization_id != organization.pk:
        problems.append(Problem("unknown_site", f"{site.code} is none of your sites", field="site"))
    if problems:
        raise InvalidRule(problems=problems)
    made = ApprovalRule.objects.create(
        organization=organization,
        name=name,
        tier=tier,
        amount_from=amount_from,
        currency=currency,
        category=category,
        site=site,
        role=role,
        approver_id=person,
        allow_requester=allow_requester,
        remind_after_hours=remind_after_hours,
    )
    _keep(Change(APPROVAL, made.pk, organization.pk, "create", None, _terms(made)), by, at)
    return made


@unit_of_work()
def retire(rule: ApprovalRule, *, by: Actor, at: datetime) -> ApprovalRule:
    """Take a rule out of force; what waits because of it goes on waiting.

    :raises Forbidden: as `put` does. :raises RuleRetired: when it is out of force already.
    """
    _administrators_only(rule.organization, by)
    return _retire(_in_force(rule), by=by, at=at)


@unit_of_work()
def replace(rule: ApprovalRule, *, by: Actor, at: datetime, **terms: Any) -> ApprovalRule:
    """Put a changed rule in the place of an old one; steps that wait keep the rule they were asked by.

    `terms` are those of `put`. The history of the new rule says what it was before. Of two who replace or retire one
    rule at once the second is told.

    :raises Forbidden, InvalidRule: as `put` does; the old rule is in force then.
    :raises RuleRetired: when the old rule is out of force already.
    """
    _administrators_only(rule.organization, by)
    held = _in_force(rule)
    made = put(held.organization, by=by, at=at, **terms)
    _retire(held, by=by, at=at)
    _keep(Change(APPROVAL, made.pk, made.organization_id, "replace", _terms(held), _terms(made)), by, at)
    return made


def _in_force(rule: ApprovalRule) -> ApprovalRule:
    """Lock a rule, so that it is replaced or retired once. :raises RuleRetired: when it was already."""
    held = lock_one(
        ApprovalRule.objects.filter(pk=rule.pk).select_related("organization", "site", "approver")
    )
    if not held.is_active:
        raise RuleRetired
    return held


def _retire(held: ApprovalRule, *, by: Actor, at: datetime) -> ApprovalRule:
    held.is_active = False
    held.save(update_fields=["is_active"])
    _keep(Change(APPROVAL, held.pk, held.organization_id, "retire", _terms(held), None), by, at)
    return held


@unit_of_work()
def substitute(
    organization: Organization,
    *,
    approver: str,
    stand_in: str,
    from_date: date,
    to_date: date,
    by: Actor,
    at: datetime,
) -> ApprovalSubstitute:
    """Let somebody decide for a person who is away, both by username; a person may name its own substitute.

    :raises Forbidden: for somebody else's absence, unless an administrator asks.
    :raises InvalidRule: when either is nobody of the organisation, or the days make no sense.
    """
    away, deciding = _person(organization, approver), _person(organization, stand_in)
    if by.user_id is None or by.user_id != away:
        _administrators_only(organization, by)
    problems = [
        Problem("unknown_person", f"{name} is nobody of yours", field=field)
        for field, name, found in (("approver", approver, away), ("substitute", stand_in, deciding))
        if found is None
    ]
    if away is not None and away == deciding:
        problems.append(Problem("same_person", "nobody substitutes himself", field="substitute"))
    if to_date < from_date:
        problems.append(Problem("invalid_dates", f"{to_date} is before {from_date}", field="to_date"))
    if problems or away is None or deciding is None:
        raise InvalidRule(problems=problems)
    made = ApprovalSubstitute.objects.create(
        organization=organization,
        approver_id=away,
        substitute_id=deciding,
        from_date=from_date,
        to_date=to_date,
    )
    after = {"approver": approver, "substitute": stand_in, "from_date": from_date, "to_date": to_date}
    _keep(Change(STAND_IN, made.pk, organization.pk, "create", None, after), by, at)
    return made


def _keep(change: Change, by: Actor, at: datetime) -> None:
    with acting_as(system("orders")):
        terms_history.record([change], by=by, at=at)


def _terms(rule: ApprovalRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "tier": rule.tier,
        "amount_from": str(rule.amount_from),
        "currency": rule.currency or None,
        "category": rule.category or None,
        "site": rule.site.code if rule.site else None,
        "role": rule.role or None,
        "approver": rule.approver.get_username() if rule.approver else None,
        "allow_requester": rule.allow_requester,
        "remind_after_hours": rule.remind_after_hours,
    }


def _person(organization: Organization, username: str) -> int | None:
    found = Membership.objects.filter(
        organization=organization, user__username=username, user__is_active=True
    )
    return found.values_list("user_id", flat=True).first()
