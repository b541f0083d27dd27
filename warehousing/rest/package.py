"""What leaves the house."""

from __future__ import annotations

from b2b.core.actor import DEALER, OPERATOR
from b2b.http.views import DetailView, ListView
from warehousing.rest.filters import PackageFilter
from warehousing.rest.shapes import PackageShape
from warehousing.selectors import package


class Packages(ListView):
    """List packages with what is in them: an operator all, a dealer its own."""

    scope, kinds = "warehousing", {DEALER, OPERATOR}
    selector = package.visible
    serializer = PackageShape
    filterset = PackageFilter


class OnePackage(DetailView):
    """Show the package with an SSCC."""

    scope, kinds = "warehousing", {DEALER, OPERATOR}
    selector = package.visible
    serializer = PackageShape
    lookup_field = "sscc"
