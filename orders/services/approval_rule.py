"""Keep the rules of approval, and who decides for whom while they are away."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Membership, Organization, Site
from orders.models import ApprovalRule, ApprovalSubstitute


class InvalidRule(Invalid):
    """The rule cannot be kept; each problem names its field."""

    code = "invalid_approval_rule"


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
    return ApprovalRule.objects.create(
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


@unit_of_work()
def retire(rule: ApprovalRule, *, by: Actor) -> ApprovalRule:
    """Take a rule out of force; what waits because of it goes on waiting. :raises Forbidden: as `put` does."""
    _administrators_only(rule.organization, by)
    rule.is_active = False
    rule.save(update_fields=["is_active"])
    return rule


@unit_of_work()
def replace(rule: ApprovalRule, *, by: Actor, **terms: Any) -> ApprovalRule:
    """Put a changed rule in the place of an old one; steps that wait keep the rule they were asked by.

    `terms` are those of `put`.

    :raises Forbidden, InvalidRule: as `put` does; the old rule is in force then.
    """
    made = put(rule.organization, by=by, **terms)
    retire(rule, by=by)
    return made


@unit_of_work()
def substitute(
    organization: Organization, *, approver: str, stand_in: str, from_date: date, to_date: date, by: Actor
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
    return ApprovalSubstitute.objects.create(
        organization=organization,
        approver_id=away,
        substitute_id=deciding,
        from_date=from_date,
        to_date=to_date,
    )


def _person(organization: Organization, username: str) -> int | None:
    found = Membership.objects.filter(
        organization=organization, user__username=username, user__is_active=True
    )
    return found.values_list("user_id", flat=True).first()
