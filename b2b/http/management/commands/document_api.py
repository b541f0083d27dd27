"""Write docs/openapi.yaml from the code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema


class Command(BaseCommand):
    """Write the OpenAPI file, or check that the one that is kept is up to date."""

    help = "Write docs/openapi.yaml; with --check only say whether it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare.

        :raises CommandError: when the description has gaps, is not valid OpenAPI 3.1, or the file is out of date.
        """
        GENERATOR_STATS.reset()
        document = SchemaGenerator().get_schema(request=None, public=True)
        GENERATOR_STATS.emit_summary()
        if GENERATOR_STATS:
            raise CommandError("The API has parts that cannot be described; see the warnings above.")
        validate_schema(document)
        text = OpenApiYamlRenderer().render(document, renderer_context={}).decode()
        path = settings.BASE_DIR / "docs" / "openapi.yaml"
        if not options["check"]:
            path.write_text(text)
            self.stdout.write(f"{len(document['paths'])} addresses in docs/openapi.yaml")
        elif not path.exists() or path.read_text() != text:
            raise CommandError(
                "docs/openapi.yaml is out of date: run `python manage.py document_api` and commit it"
            )
