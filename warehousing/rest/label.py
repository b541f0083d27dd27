"""What is printed for a package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from b2b.core.actor import DEALER, OPERATOR
from b2b.core.paper import sheet, zpl
from b2b.http.views import ApiView
from warehousing.policies import label, packing_list
from warehousing.policies.label import Label
from warehousing.selectors import label as labels
from warehousing.selectors import package


def label_pdf(what: Label) -> bytes:
    """Draw the logistic label, 4 x 6 inch."""
    return sheet.pdf([label.lay_out(what)], width=label.WIDTH_MM, height=label.HEIGHT_MM, title=what.sscc)


def label_zpl(what: Label) -> bytes:
    """Write the logistic label for a 203 dpi label printer."""
    return zpl.zpl([label.lay_out(what)], width=label.WIDTH_MM, height=label.HEIGHT_MM).encode()


def packing_list_pdf(what: Label) -> bytes:
    """Draw the packing list, A4."""
    pages = packing_list.pages(what)
    return sheet.pdf(pages, width=packing_list.WIDTH_MM, height=packing_list.HEIGHT_MM, title=what.sscc)


class Print(ApiView):
    """What the prints of a package have in common."""

    scope, kinds = "warehousing", {DEALER, OPERATOR}
    selector = package.visible
    lookup_field = "sscc"
    draw: ClassVar[Callable[[Label], bytes]]
    content_type: ClassVar[str] = "application/pdf"
    suffix: ClassVar[str] = "pdf"

    def respond(self, sscc: str) -> HttpResponse:
        """Answer with the file."""
        return HttpResponse(
            type(self).draw(labels.of_package(self.actor, sscc)),
            content_type=self.content_type,
            headers={"Content-Disposition": f'inline; filename="{sscc}.{self.suffix}"'},
        )


class LabelPdf(Print):
    """The logistic label of a package as PDF: GS1-128, GS1 DataMatrix and a QR code with a GS1 Digital Link."""

    draw = staticmethod(label_pdf)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, sscc: str) -> Any:
        """Draw it."""
        return self.respond(sscc)


class LabelZpl(Print):
    """The logistic label of a package as ZPL II for a label printer of 203 dpi."""

    draw = staticmethod(label_zpl)
    content_type, suffix = "application/zpl", "zpl"

    @extend_schema(responses={(200, "application/zpl"): OpenApiTypes.BINARY})
    def get(self, request: Request, sscc: str) -> Any:
        """Write it."""
        return self.respond(sscc)


class PackingListPdf(Print):
    """The packing list of a package as PDF."""

    draw = staticmethod(packing_list_pdf)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, sscc: str) -> Any:
        """Draw it."""
        return self.respond(sscc)
