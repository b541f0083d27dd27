"""The actor is known outside transactions, on real commits."""

from django.db import connection

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch_value
from b2b.directory.models import Organization, Site

SITES = "SELECT count(*) FROM directory_site"


def test_a_statement_of_its_own_is_stamped_too(committed_db: str) -> None:
    with acting_as(system()):
        dealer = Organization.objects.create(kind="dealer", code="one", name="One")
        Site.objects.create(
            organization=dealer, code="shop", name="Shop", kind="SHOP", latitude=31, longitude=121
        )
    assert connection.get_autocommit()
    with acting_as(Actor(kind="dealer", organization_id=dealer.pk)):
        assert fetch_value(SITES) == 1
    assert fetch_value(SITES) == 0


def test_nothing_of_the_actor_stays_on_the_connection(committed_db: str) -> None:
    with acting_as(system()):
        assert fetch_value("SELECT current_setting('midstream.scope')") == "system"
    raw = connection.connection.execute("SELECT current_setting('midstream.scope', true)").fetchone()
    assert raw in [("",), (None,)], "a pooled connection must not remember whom it served"
