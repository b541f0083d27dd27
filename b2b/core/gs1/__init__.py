"""What a GS1 bar code says: element strings, bracketed text and Digital Link, read, checked and written. No I/O."""

from b2b.core.gs1.check import CSET82, check_digit, with_check_digit
from b2b.core.gs1.elements import Element
from b2b.core.gs1.errors import ScanError
from b2b.core.gs1.scan import Scan, combine, parse, read
from b2b.core.gs1.write import bracketed, digital_link, element_string

__all__ = [
    "CSET82",
    "Element",
    "Scan",
    "ScanError",
    "bracketed",
    "check_digit",
    "combine",
    "digital_link",
    "element_string",
    "parse",
    "read",
    "with_check_digit",
]
