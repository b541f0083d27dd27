"""Commands on rows that come as a file or as a body of some format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework import serializers

from b2b.http.parsers import Raw
from b2b.http.views import CommandView
from orders.policies.raw_row import RawRow


class Csv(Raw):
    """CSV or a pasted table."""

    media_type = "text/csv"


class Tsv(Raw):
    """Tab-separated values."""

    media_type = "text/tab-separated-values"


class Ndjson(Raw):
    """One JSON object a line."""

    media_type = "application/x-ndjson"


class Json(Raw):
    """An array of rows, or an object with `lines`."""

    media_type = "application/json"


class Workbook(Raw):
    """An XLSX workbook."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


KINDS = {
    Csv.media_type: "csv",
    Tsv.media_type: "tsv",
    Ndjson.media_type: "ndjson",
    Json.media_type: "json",
    Workbook.media_type: "xlsx",
}


class UploadInput(serializers.Serializer[Any]):
    """The file of a multipart body."""

    file = serializers.FileField()


class RowsView(CommandView):
    """A command on the rows of a file (multipart `file`) or body.

    `read` makes rows of bytes, and `query` says what to do with them.
    """

    input = UploadInput
    query: ClassVar[type[serializers.Serializer[Any]]]
    read: ClassVar[Callable[..., list[RawRow]]]

    def parse(self, request: Any) -> Any:
        """Return the checked query, and the rows as `content`.

        :raises ValidationError: for a faulty query. :raises UnreadableUpload: for an unreadable file.
        """
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        return {**query.validated_data, "content": self._rows(request)}

    def _rows(self, request: Any) -> list[RawRow]:
        body = request.data
        if isinstance(body, bytes):
            return self.read(body, kind=KINDS[request.content_type.partition(";")[0].strip().lower()])
        given = self.input(data=body)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        rows = self.read(file.read(), filename=file.name)
        file.seek(0)
        return rows
