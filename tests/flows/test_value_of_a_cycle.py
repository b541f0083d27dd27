"""What a cycle saved and cost, from the documents to the ledger and the value view, to the cent."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from b2b.contracts.value import SavingShareCredited, SavingsSettled
from b2b.core.actor import acting_as
from b2b.db import invariants
from b2b.db.bulk import execute, fetch, fetch_value
from b2b.outbox.dispatch import drain
from b2b.tower.models import FlowFact, TimelineEntry
from b2b.tower.policies.value import Value
from b2b.tower.selectors import value, value_detail
from b2b.tower.selectors.value import Span
from finance.models import JournalEntry
from orders.models import SettledSaving
from orders.policies.sharing import settle
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> Chain:
    """Two dealers and a factory with a price break at 100; the first cycle ends tomorrow."""
    return Chain.of(make.trade(breaks=((1, "10"), (100, "8")), dealers=2))


def lived(chain: Chain, received: int | None = None) -> None:
    """Two dealers pool 110 units, the factory sends what it confirms, and all that came is delivered."""
    with acting_as(PLATFORM):
        cycle = make.cycle(chain.trade, hours=24, recurrence={"every": "days", "interval": 2})
        chain.wants(50)
        chain.wants(60, dealer=1)
        placed = chain.closes(cycle)
        chain.answers(placed, received)
        chain.sends(placed, received or 110)
        chain.receives()
        chain.packs()
        chain.departs()
        chain.delivers()


def span(chain: Chain) -> Span:
    return value.last(60, today=chain.now.date())


def posted() -> dict[str, int]:
    """What stands on the accounts of savings, in cents by account."""
    return dict(
        fetch(
            """
            SELECT account.code, sum(line.amount)::bigint FROM finance_journalline line
            JOIN finance_account account ON account.id = line.account_id
            JOIN finance_journalentry entry ON entry.id = line.entry_id AND entry.kind = 'saving_settlement'
            GROUP BY 1
            """
        )
    )


def test_a_closed_cycle_settles_its_saving_in_the_ledger(chain: Chain) -> None:
    lived(chain)
    with acting_as(PLATFORM):
        assert told(SavingsSettled) == told(SavingShareCredited) == 1
        # 110 units at 8 in place of 10: 220 saved, 70 % to dealers, 20 % to the platform, 10 % to the factory.
        assert posted() == {"4900": 15_400, "4200": -4_400, "2170": -2_200, "4000": -8_800}
        whole = value.total(PLATFORM, span(chain))
        assert (whole.saving, whole.settled_dealer_share) == (220, 154)
        assert (whole.settled_platform_share, whole.settled_factory_share) == (44, 22)
        assert (whole.fill_rate, whole.lines_in_full, whole.orders, whole.dealers) == (1, 2, 2, 2)
        assert whole.freight_amount > 0
        assert whole.circulation_cost == whole.freight_amount
        [cycle] = value_detail.by_cycle(PLATFORM, span(chain))
        assert (cycle.value.saving, cycle.value.settled_factory_share) == (220, 22)
        assert sound()


def test_what_never_came_saved_nobody_anything(chain: Chain) -> None:
    lived(chain, received=66)
    with acting_as(PLATFORM):
        rows = list(SettledSaving.objects.order_by("dealer_id"))
        assert sum(row.quantity for row in rows) == 66
        for row in rows:
            stated = row.statement.lines.get()
            found = settle(
                [stated.dealer_share, stated.platform_share, stated.factory_share],
                pooled=stated.pooled,
                received=row.quantity,
                quantity=stated.quantity,
                currency="CNY",
            )
            assert row.dealer_share == found.dealer_share
        settled = sum(row.baseline - row.pooled for row in rows)
        assert settled == 132, "66 units saved 2 each"
        assert -posted()["2170"] == 1_320
        assert sound()


def test_a_cycle_is_settled_once(chain: Chain) -> None:
    lived(chain)
    with acting_as(PLATFORM):
        before = JournalEntry.objects.count(), FlowFact.objects.count()
        execute("UPDATE outbox_delivery SET status = 'PENDING', due_at = statement_timestamp()")
        drain()
        assert (JournalEntry.objects.count(), FlowFact.objects.count()) == before


def test_each_dealer_reads_its_own_and_all_sum_to_the_whole(chain: Chain) -> None:
    lived(chain)
    with acting_as(PLATFORM):
        whole = value.total(PLATFORM, span(chain))
        sums = [
            value.by_dealer(PLATFORM, span(chain)),
            value.by_category(PLATFORM, span(chain)),
            value.by_factory(PLATFORM, span(chain)),
            value.by_period(PLATFORM, span(chain)),
        ]
    for groups in sums:
        for name in ("saving", "ordered_amount", "freight_amount", "delivered_quantity", "circulation_cost"):
            assert sum(getattr(one.value, name) for one in groups) == getattr(whole, name), name
    owns = [own(chain, index) for index in range(2)]
    assert sum(one.saving for one in owns) == whole.saving
    assert sum(one.freight_amount for one in owns) == whole.freight_amount
    assert all(one.dealers == 1 for one in owns)


def own(chain: Chain, index: int) -> Value:
    with acting_as(chain.trade.dealer_actor(index)) as actor:
        return value.total(actor, span(chain))


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        ("UPDATE tower_valueday SET dealer_share = dealer_share + 0.01", "tower.days_are_their_lines"),
        (
            "UPDATE tower_savinglinefact SET baseline = baseline + 1, pooled = pooled + 1",
            "tower.savings_are_statements",
        ),
        ("UPDATE tower_orderlinefact SET freight_amount = freight_amount + 0.01", "tower.freight_is_accrued"),
        ("UPDATE tower_flowfact SET amount = amount + 0.01 WHERE kind = 'BILLED'", "tower.owed_is_open"),
        (
            "UPDATE tower_flowfact SET amount = amount + 0.01 WHERE kind = 'FACTORY_SHARE'",
            "tower.settled_is_posted",
        ),
    ],
)
def test_a_cent_that_is_wrong_is_found(chain: Chain, damage: str, broken: str) -> None:
    lived(chain)
    with acting_as(PLATFORM):
        assert sound()
        execute(damage)
        assert broken in {found.invariant.name for found in invariants.check()}


def test_pace_counts_bills_and_stock(chain: Chain) -> None:
    lived(chain)
    with acting_as(PLATFORM):
        found = value_detail.pace(PLATFORM, span(chain))
        billed = fetch_value("SELECT sum(gross_amount) FROM finance_invoice")
        assert found.owed_amount == billed
        assert found.days_sales_outstanding == Decimal(60)
        assert found.bullwhip is not None


def test_the_tower_is_made_anew_from_what_was_told(chain: Chain) -> None:
    lived(chain)
    with acting_as(PLATFORM):
        before = value.total(PLATFORM, span(chain)), TimelineEntry.objects.count()
        execute("UPDATE tower_flowfact SET amount = amount + 1")
        execute("DELETE FROM tower_orderlinefact")
        assert value.total(PLATFORM, span(chain)) != before[0]
        call_command("rebuild_tower", stdout=io.StringIO())
        assert (value.total(PLATFORM, span(chain)), TimelineEntry.objects.count()) == before
        assert sound()


def test_nothing_is_made_anew_of_what_the_outbox_forgot(chain: Chain) -> None:
    lived(chain)
    with acting_as(PLATFORM):
        execute(
            """
            INSERT INTO tower_flowfact (kind, source_id, part, version, number, at, day, currency, quantity, amount)
            SELECT kind, gen_random_uuid(), part, version, 'OLD-1', at, day, currency, quantity, amount
            FROM tower_flowfact WHERE kind = 'BILLED'
            """
        )
        before = value_detail.pace(PLATFORM, span(chain))
        with pytest.raises(CommandError, match="nothing was changed"), transaction.atomic():
            call_command("rebuild_tower", stdout=io.StringIO())
        assert value_detail.pace(PLATFORM, span(chain)) == before
