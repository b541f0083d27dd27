"""Tables of a document's lines, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from b2b.admin.tables import Column, Table

LINES_A_PAGE = 100


def paged(
    request: HttpRequest,
    lines: QuerySet[Any],
    title: Any,
    columns: Sequence[Column],
    row: Callable[[Any], Sequence[Any]],
    *,
    parameter: str = "lines",
    foot: Sequence[Any] = (),
    empty: Any = "",
    keep: str = "",
) -> Table:
    """Show the page of lines that the address asks for, with links to the pages before and after it.

    `keep` is a query that these links carry on.
    """
    page = Paginator(lines, LINES_A_PAGE).get_page(request.GET.get(parameter))
    note, before, after = "", "", ""
    kept = f"{keep}&" if keep else ""
    if page.paginator.num_pages > 1:
        note = _("Lines %(first)d to %(last)d of %(count)d") % {
            "first": page.start_index(),
            "last": page.end_index(),
            "count": page.paginator.count,
        }
        before = f"?{kept}{parameter}={page.previous_page_number()}" if page.has_previous() else ""
        after = f"?{kept}{parameter}={page.next_page_number()}" if page.has_next() else ""
    rows = [row(line) for line in page]
    return Table(title, columns, rows, foot=foot, empty=empty, note=note, before_url=before, after_url=after)
