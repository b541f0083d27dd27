"""Price agreements: put many in force at once, end one; the database refuses two that overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid
from b2b.db.bulk import execute, fetch, fetch_dicts, staged
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from orders.models import PriceAgreement
from orders.policies import agreement_plan
from orders.policies.agreement_plan import Found, Plan
from orders.policies.agreement_row import Draft
from orders.services import terms_history
from orders.services.terms_history import Change

AGREEMENT: Final = "AGREEMENT"
_DRAFT: Final = {
    "number": "integer",
    "seller_id": "bigint",
    "audience": "bigint",
    "product_id": "bigint",
    "currency": "text",
    "priority": "integer",
    "valid_from": "date",
    "valid_to": "date",
    "quantities": "bigint[]",
    "prices": "numeric[]",
}
_SAME_SCOPE: Final = """
    agreement.product_id = given.product_id AND agreement.audience = given.audience
    AND agreement.seller_id = given.seller_id AND agreement.currency = given.currency
    AND agreement.priority = given.priority
    AND daterange(agreement.valid_from, agreement.valid_to, '[]') && daterange(given.valid_from, given.valid_to, '[]')
"""


class OverlappingAgreement(DomainError):
    """Somebody else has just agreed for the same days; look again."""

    code = "overlapping_agreement"


class InvalidAgreements(Invalid):
    """Some agreements cannot be put in force; each problem names its row, field and remedy. Nothing was written."""

    code = "invalid_agreements"


@dataclass(frozen=True, slots=True)
class Placed:
    """How many agreements are new, changed, as they were, and ended by one that follows."""

    created: int
    replaced: int
    unchanged: int
    ended: int


def may_agree(by: Actor) -> None:
    """Refuse everybody but the operator; a factory proposes. :raises Forbidden: when it is somebody else."""
    if not by.sees_all:
        raise Forbidden("Only the operator puts prices in force; propose them instead.")


@unit_of_work()
def put(drafts: Sequence[Draft], *, reason: str = "", by: Actor, at: datetime) -> Placed:
    """Put agreements in force, all or none, in a constant number of statements, and keep what was before.

    Of the same scope, one that begins on the same day is replaced and one that began earlier ends the day before.

    :raises Forbidden: for anybody but the operator. :raises InvalidAgreements: when a draft would tear a hole into
    a longer agreement or run into a later one. :raises OverlappingAgreement: when another transaction was faster.
    """
    may_agree(by)
    columns = ("seller_id", "audience", "product_id", "currency", "priority")
    rows = (
        (
            number, *(getattr(draft.scope, name) for name in columns), draft.valid_from, draft.valid_to,
            [step.min_quantity for step in draft.breaks], [step.unit_price for step in draft.breaks],
        )
        for number, draft in enumerate(drafts)
    )  # fmt: skip
    with acting_as(system("agreements")), staged(_DRAFT, rows, name="drafts") as table:
        plan = agreement_plan.plan(drafts, _in_the_way(table))
        if plan.problems:
            raise InvalidAgreements(
                f"{len(plan.problems)} agreements cannot be put in force", problems=plan.problems
            )
        try:
            created = _write(table, plan)
        except IntegrityError as error:
            if "no_two_agreements_on_one_day" in str(error):
                raise OverlappingAgreement from error
            raise
        terms_history.record(_changes(drafts, plan, created), by=by, at=at, reason=reason)
    return Placed(len(created), len(plan.replaced), len(plan.unchanged), len(plan.ended))


def _in_the_way(table: str) -> list[Found]:
    """Lock and return what shares scope and days with a draft, with its breaks."""
    found = fetch_dicts(
        f"""
        SELECT given.number AS draft, agreement.id, agreement.valid_from, agreement.valid_to
        FROM {table} given JOIN orders_priceagreement agreement ON {_SAME_SCOPE}
        ORDER BY agreement.id FOR NO KEY UPDATE OF agreement
        """
    )
    breaks: dict[int, list[list[Any]]] = {}
    for agreement_id, quantity, price in fetch(
        """
        SELECT agreement_id, min_quantity, unit_price FROM orders_pricebreak WHERE agreement_id = ANY(%s)
        ORDER BY agreement_id, min_quantity
        """,
        [[row["id"] for row in found]],
    ):
        breaks.setdefault(agreement_id, []).append([quantity, price])
    return [Found(**row, breaks=breaks.get(row["id"], [])) for row in found]


def _write(table: str, plan: Plan) -> dict[int, int]:
    """Write what was planned; return the key of each new agreement by its draft."""
    replaced = {number: one.id for number, one in plan.replaced.items()}
    execute(
        """
        UPDATE orders_priceagreement agreement SET valid_to = given.valid_to
        FROM unnest(%s::bigint[], %s::date[]) AS given(id, valid_to) WHERE agreement.id = given.id
        """,
        [[one.id for one, _ in plan.ended], [day for _, day in plan.ended]],
    )
    execute("DELETE FROM orders_pricebreak WHERE agreement_id = ANY(%s)", [list(replaced.values())])
    execute(
        f"""
        UPDATE orders_priceagreement agreement SET valid_to = draft.valid_to
        FROM unnest(%s::integer[], %s::bigint[]) AS given(number, id) JOIN {table} draft USING (number)
        WHERE agreement.id = given.id
        """,
        [list(replaced), list(replaced.values())],
    )
    created = dict(
        fetch(
            f"""
            WITH written AS (
                INSERT INTO orders_priceagreement (seller_id, buyer_id, buyer_group_id, product_id, currency, priority,
                    valid_from, valid_to)
                SELECT seller_id, CASE WHEN audience > 0 THEN audience END, CASE WHEN audience < 0 THEN -audience END,
                    product_id, currency, priority, valid_from, valid_to
                FROM {table} WHERE number = ANY(%s)
                RETURNING id, seller_id, audience, product_id, currency, priority, valid_from)
            SELECT draft.number, written.id FROM written
            JOIN {table} draft USING (seller_id, audience, product_id, currency, priority, valid_from)
            """,
            [plan.created],
        )
    )
    keys = {**replaced, **created}
    execute(
        f"""
        INSERT INTO orders_pricebreak (agreement_id, min_quantity, unit_price)
        SELECT given.id, step.min_quantity, step.unit_price
        FROM unnest(%s::integer[], %s::bigint[]) AS given(number, id) JOIN {table} draft USING (number)
        CROSS JOIN LATERAL unnest(draft.quantities, draft.prices) AS step(min_quantity, unit_price)
        """,
        [list(keys), list(keys.values())],
    )
    return created


def _shown(valid_from: date, valid_to: date | None, breaks: list[list[Any]]) -> dict[str, Any]:
    return {"valid_from": valid_from, "valid_to": valid_to, "breaks": breaks}


def _changes(drafts: Sequence[Draft], plan: Plan, created: dict[int, int]) -> list[Change]:
    def after(number: int) -> dict[str, Any]:
        draft = drafts[number]
        return _shown(draft.valid_from, draft.valid_to, draft.steps)

    def of(verb: str, number: int, key: int, before: dict[str, Any] | None) -> Change:
        return Change(AGREEMENT, key, drafts[number].scope.seller_id, verb, before, after(number))

    return [
        *(of("create", number, key, None) for number, key in created.items()),
        *(
            of("replace", number, one.id, _shown(one.valid_from, one.valid_to, one.breaks))
            for number, one in plan.replaced.items()
        ),
        *(
            Change(
                AGREEMENT, one.id, drafts[one.draft].scope.seller_id, "end",
                _shown(one.valid_from, one.valid_to, one.breaks), _shown(one.valid_from, last_day, one.breaks),
            )
            for one, last_day in plan.ended
        ),
    ]  # fmt: skip


@unit_of_work()
def end(
    agreement: PriceAgreement, *, last_day: date, reason: str = "", by: Actor, at: datetime
) -> PriceAgreement:
    """Let an agreement hold until `last_day`, never longer than it does; what was before stays in the history.

    :raises Forbidden: for anybody but the operator. :raises Invalid: when it begins later or ends sooner anyway.
    """
    may_agree(by)
    with acting_as(system("agreements")):
        locked = lock_one(PriceAgreement.objects.filter(pk=agreement.pk))
        if not locked.valid_from <= last_day <= (locked.valid_to or date.max):
            raise Invalid(f"The last day must be one of its days, from {locked.valid_from} on.")
        breaks = [[step.min_quantity, step.unit_price] for step in locked.breaks.all()]
        before = _shown(locked.valid_from, locked.valid_to, breaks)
        locked.valid_to = last_day
        locked.save(update_fields=["valid_to"])
        after = _shown(locked.valid_from, last_day, breaks)
        change = Change(AGREEMENT, locked.pk, locked.seller_id, "end", before, after)
        terms_history.record([change], by=by, at=at, reason=reason)
    return locked
