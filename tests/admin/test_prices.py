"""Prices on both desks: agreed, imported, ended and explained by the operator, read by the dealer."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.directory.models import Organization
from b2b.directory.selectors.acting import of_organization
from orders.models import OrderRule, PriceAgreement, PriceProposal, SupplySource, TermsChange
from orders.policies.raw_row import RawRow
from orders.services import price_proposal
from tests.admin.test_admin_tenancy import demote
from tests.admin.test_day import Desk
from tests.factories import terms as agreed
from tests.support.trade_day import TEST, Market, open_market


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


@pytest.fixture
def operator(market: Market) -> Desk:
    return Desk("operator", "operator")


@pytest.fixture
def dealer(market: Market) -> Desk:
    return Desk("dealer", "dealer")


def post(desk: Desk, name: str, **data: object) -> str:
    return desk.client.post(reverse(f"operator:{name}"), data, follow=True).content.decode()


def agree(desk: Desk, **changes: object) -> str:
    day = clock.now().date()
    given = {
        "seller": "HUAXIN", "product": "BOLT-8", "buyer": "LOTUS", "group": "", "currency": "CNY", "priority": 1,
        "breaks": "1 9.50\n48: 8", "valid_from": day, "valid_to": "", "reason": "spring", **changes,
    }  # fmt: skip
    return post(desk, "new_agreement", **given)


def prices(desk: Desk, **query: str) -> str:
    return desk.client.get(reverse("dealer:my_prices"), query).content.decode()


def test_an_agreement_is_made_read_and_ended(operator: Desk, dealer: Desk) -> None:
    assert "1 new" in agree(operator)
    assert "9.50 CNY" in prices(dealer)
    assert "47 more: 8.00 CNY" in prices(dealer)
    assert "9.50 CNY" not in prices(Desk("rival", "dealer"))
    with acting_as(TEST):
        made = PriceAgreement.objects.get(buyer__code="LOTUS")
    page = operator.client.get(
        reverse("operator:orders_priceagreement_change", args=[made.pk])
    ).content.decode()
    assert "spring" in page
    assert "48: 8" in page
    operator.press("orders_priceagreement", made.pk, "end", last_day=clock.now().date(), reason="sold out")
    with acting_as(TEST):
        assert PriceAgreement.objects.get(pk=made.pk).valid_to == clock.now().date()
        assert [one.actor_name for one in TermsChange.objects.filter(subject_id=made.pk)] == ["operator"] * 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seller": "NOBODY"}, "There is no NOBODY."),
        ({"product": "NOTHING"}, "There is no NOTHING."),
        ({"breaks": "1"}, "is no quantity and price"),
        ({"breaks": "1 2\n1 3"}, "There are two prices of one quantity."),
        ({"group": "CHAIN"}, "Name a dealer or a group, not both."),
    ],
)
def test_a_faulty_form_says_so(operator: Desk, changes: dict[str, str], said: str) -> None:
    agreed.buyer_group(code="CHAIN")
    assert said in agree(operator, **changes)
    with acting_as(TEST):
        assert not PriceAgreement.objects.filter(buyer__isnull=False).exists()


def test_a_list_goes_out_and_comes_back(operator: Desk) -> None:
    exported = operator.client.get(reverse("operator:export_prices")).content
    assert exported.decode("utf-8-sig").splitlines()[0].startswith("seller,buyer,group,sku")
    changed = exported.replace(b"12.5", b"12.4")
    for check, said in (
        ("on", "3 agreements are in order"),
        ("", "0 new, 3 changed, 0 ended, 0 as they were"),
    ):
        file = SimpleUploadedFile("prices.csv", changed)
        assert said in post(operator, "import_prices", file=file, check=check, reason="")
    broken = SimpleUploadedFile("prices.csv", changed.replace(b"BOLT-8", b"BOLT-9"))
    assert "BOLT-9 is no product" in post(operator, "import_prices", file=broken, reason="")


def test_what_a_spreadsheet_would_calculate_is_marked(operator: Desk, dealer: Desk) -> None:
    with acting_as(TEST):
        product = PriceAgreement.objects.filter(product__sku="BOLT-8").get().product
        product.name = "=cmd|calc"
        product.save()
    answer = dealer.client.get(reverse("dealer:export_my_prices"))
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert "BOLT-8,'=cmd|calc,EA,CNY,1,1,,7,1,12.500000" in rows
    assert len(rows) == 1 + 3 * 2


def test_rules_and_sources_are_kept(operator: Desk, dealer: Desk) -> None:
    rule = {"seller": "HUAXIN", "product": "BOLT-8", "currency": "CNY", "priority": 1, "min_quantity": 48}
    assert "The rule holds." in post(operator, "new_rule", **rule)
    with acting_as(TEST):
        made, source = OrderRule.objects.get(), SupplySource.objects.get(product__sku="BOLT-8")
    operator.press("orders_orderrule", made.pk, "change", min_quantity=24, order_multiple=12)
    with acting_as(TEST):
        assert (OrderRule.objects.get().min_quantity, OrderRule.objects.get().order_multiple) == (24, 12)
    gone = operator.client.post(
        reverse("operator:orders_orderrule_button", args=[made.pk, "remove"]), follow=True
    )
    assert "its history stays" in gone.content.decode()
    operator.press(
        "orders_supplysource",
        source.pk,
        "prices",
        breaks="1 7\n100 6.5",
        currency="CNY",
        valid_from="2026-01-01",
    )
    page = operator.client.get(
        reverse("operator:orders_supplysource_change", args=[source.pk])
    ).content.decode()
    assert "6.50 CNY" in page
    assert "6.50 CNY" not in prices(dealer)
    new = {
        "factory": "HUAXIN", "product": "SCREW-4", "lead_time_days": 3, "moq": 24, "order_multiple": 24, "priority": 2,
        "is_active": "on",
    }  # fmt: skip
    assert "The source is kept." in post(operator, "new_source", **new)
    with acting_as(TEST):
        assert SupplySource.objects.get(product__sku="SCREW-4").moq == 24


def test_what_a_factory_proposes_is_put_in_force_or_turned_down(
    operator: Desk, dealer: Desk, market: Market
) -> None:
    maker, at = of_organization(market.maker), clock.now()
    rows = [RawRow(2, {"sku": "BOLT-8", "unit_price": "6.25", "valid_from": "2027-01-01"})]
    with acting_as(maker):
        first, second = (price_proposal.propose(rows, note="copper fell", by=maker, at=at) for _ in range(2))
    page = operator.client.get(
        reverse("operator:orders_priceproposal_change", args=[first.pk])
    ).content.decode()
    assert "copper fell" in page
    assert "6.25" in page
    assert "1 new" in operator.press("orders_priceproposal", first.pk, "approve")
    operator.press("orders_priceproposal", second.pk, "reject", reason="the same again")
    with acting_as(TEST):
        assert PriceAgreement.objects.filter(valid_from="2027-01-01").count() == 1
        assert [one.status for one in PriceProposal.objects.order_by("pk")] == ["APPROVED", "REJECTED"]


def test_a_dealer_searches_its_prices(dealer: Desk) -> None:
    assert "DRILL-18" in prices(dealer, q="drill")
    assert "BOLT-8" not in prices(dealer, q="drill")


def test_a_viewer_changes_no_price(operator: Desk) -> None:
    demote("operator")
    agree(operator)
    with acting_as(TEST):
        assert not PriceAgreement.objects.filter(buyer__in=Organization.objects.filter(code="LOTUS")).exists()
