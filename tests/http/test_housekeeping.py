"""What the API forgets, and what it keeps."""

from datetime import timedelta

import pytest
from oauth2_provider.models import get_access_token_model

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.http import idempotency, tasks
from b2b.http.models import IdempotencyRecord
from tests.factories import directory

pytestmark = pytest.mark.django_db


def test_old_answers_and_ended_tokens_go_and_young_ones_stay():
    owner, now = directory.dealer(), clock.now()
    tokens = get_access_token_model().objects
    with acting_as(system()):
        for days in (1, idempotency.KEPT_DAYS + 1):
            record = IdempotencyRecord.objects.create(organization=owner, key=f"{days}", request_hash="")
            IdempotencyRecord.objects.filter(pk=record.pk).update(created_at=now - timedelta(days=days))
            tokens.create(token=f"token {days}", expires=now + timedelta(days=2 - days), scope="")
    tasks.forget()
    with acting_as(system()):
        assert [record.key for record in IdempotencyRecord.objects.all()] == ["1"]
        assert [token.token for token in tokens.all()] == ["token 1"]


def test_nobody_reads_the_answers_of_another():
    owner, rival = directory.dealer(), directory.dealer()
    with acting_as(system()):
        IdempotencyRecord.objects.create(organization=owner, key="k", request_hash="")
    with acting_as(directory.actor(rival)):
        assert not IdempotencyRecord.objects.exists()
    with acting_as(directory.actor(owner)):
        assert IdempotencyRecord.objects.count() == 1
