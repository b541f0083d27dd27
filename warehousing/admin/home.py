"""What warehousing puts on the operator's home page."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.home import Figure
from b2b.admin.sites import actor_of, operator_site
from b2b.core import clock
from b2b.db.selectors import visible
from warehousing.models import PickTask, Promise, Receipt, Wave


@operator_site.home.figures(20)
def figures(request: HttpRequest) -> Iterable[Figure]:
    """Count what stands at the gate and on the floor."""
    actor, now = actor_of(request), clock.now()
    expected = visible(actor, Receipt).filter(status="EXPECTED")
    late = expected.filter(expected_at__lt=now).count()
    yield Figure(
        _("Receipts expected"),
        cells.quantity(expected.count()),
        _("%(count)d should be here by now") % {"count": late} if late else _("none is late"),
        reverse("operator:warehousing_receipt_changelist") + "?status__exact=EXPECTED",
        "warn" if late else "",
    )
    sent_for = visible(actor, PickTask).filter(reservation__promise=OuterRef("pk"), status="OPEN")
    count = visible(actor, Promise).filter(~Exists(sent_for), status="ON_HAND").count()
    yield Figure(
        _("Promises to pick"),
        cells.quantity(count),
        _("release a wave to send pickers") if count else _("nothing waits"),
        reverse("operator:warehousing_warehouse_changelist"),
        "warn" if count else "",
    )
    open_waves = visible(actor, Wave).filter(status__in=Wave.machine.open).count()
    yield Figure(
        _("Waves on the floor"),
        cells.quantity(open_waves),
        _("released or picked, not yet packed"),
        reverse("operator:warehousing_wave_changelist"),
    )
