"""Keep what pooling saved, as statements tell it and as closed cycles settle it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.contracts.orders import SavedLine, SavingsStated
from b2b.contracts.value import SavingsSettled
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.transactions import unit_of_work
from b2b.tower.models import FlowKind, SavingFact, SavingLineFact
from b2b.tower.services import flows
from b2b.tower.services.flows import Flow

SHARES: Final = ("baseline", "pooled", "dealer_share", "platform_share", "factory_share")
LINE: Final = {"product_id": "bigint", "quantity": "bigint", **dict.fromkeys(SHARES, "numeric")}


@unit_of_work()
def note_statement(event: SavingsStated) -> None:
    """Keep one savings statement; of one that is restated nothing counts any more, whichever is told first."""
    if event.restates_id is not None:
        _forget(event, event.restates_id)
    new = SavingFact.objects.bulk_create(
        [
            SavingFact(
                statement_id=event.statement_id,
                number=event.number,
                cycle_id=event.cycle_id,
                cycle_number=event.cycle_number,
                dealer_id=event.dealer_id,
                currency=event.currency,
                stated_at=event.occurred_at,
                **{name: getattr(event, name) for name in SHARES},
            )
        ],
        ignore_conflicts=True,
    )
    if new:
        _note_lines(event)


def _forget(event: SavingsStated, statement_id: UUID) -> None:
    none = dict.fromkeys(SHARES, 0)
    SavingFact.objects.update_or_create(
        statement_id=statement_id,
        defaults={**none, "is_restated": True},
        create_defaults={
            **none,
            "number": "",
            "cycle_id": event.cycle_id,
            "dealer_id": event.dealer_id,
            "currency": event.currency,
            "stated_at": event.occurred_at,
            "is_restated": True,
        },
    )
    SavingLineFact.objects.filter(statement_id=statement_id).delete()


def _note_lines(event: SavingsStated) -> None:
    """Keep the lines of a statement unless it was restated; one told without lines is a line of no product."""
    whole = {name: getattr(event, name) for name in SHARES}
    lines = event.lines or (SavedLine(product_id=0, quantity=0, **whole),)
    execute(
        f"""
        INSERT INTO tower_savinglinefact (statement_id, dealer_id, factory_id, cycle_id, currency, day, category,
            {", ".join(LINE)})
        SELECT %(statement)s, %(dealer)s, %(factory)s, %(cycle)s, %(currency)s, %(day)s,
            coalesce(product.category, ''), {", ".join(f"given.{name}" for name in LINE)}
        FROM {unnest(LINE)} LEFT JOIN catalog_product product ON product.id = given.product_id
        WHERE EXISTS (SELECT FROM tower_savingfact kept WHERE kept.statement_id = %(statement)s AND NOT is_restated)
        ON CONFLICT (statement_id, product_id) DO NOTHING
        """,
        {
            **transpose(list(LINE), ([getattr(line, name) for name in LINE] for line in lines)),
            "statement": event.statement_id,
            "dealer": event.dealer_id,
            "factory": event.factory_id or 0,
            "cycle": event.cycle_id,
            "currency": event.currency,
            "day": flows.day_of(event.occurred_at),
        },
    )


@unit_of_work()
def note_settlement(event: SavingsSettled) -> None:
    """Keep how a closed cycle's saving was settled: a dealer's part by product, the others' without dealers."""
    parts: dict[tuple[str, int | None, int | None, int], list[Decimal | int]] = defaultdict(
        lambda: [0, Decimal(0)]
    )
    for line in event.lines:
        for key, share in (
            ((FlowKind.DEALER_SHARE, line.dealer_id, line.factory_id, line.product_id), line.dealer_share),
            ((FlowKind.PLATFORM_SHARE, None, None, line.product_id), line.platform_share),
            ((FlowKind.FACTORY_SHARE, None, line.factory_id, line.product_id), line.factory_share),
        ):
            parts[key][0] += line.quantity
            parts[key][1] += share
    flows.note(
        Flow(
            kind=kind,
            source_id=event.cycle_id,
            part=f"{dealer_id or ''}/{factory_id or ''}/{product_id}",
            number=event.number,
            at=event.occurred_at,
            currency=event.currency,
            dealer_id=dealer_id,
            factory_id=factory_id,
            product_id=product_id,
            cycle_id=event.cycle_id,
            quantity=int(quantity),
            amount=Decimal(amount),
        )
        for (kind, dealer_id, factory_id, product_id), (quantity, amount) in parts.items()
    )
