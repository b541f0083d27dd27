"""Which product a row names that carries a dealer's own article code; what could be two is refused, never guessed."""

from __future__ import annotations

from orders.policies.cell import Fault
from orders.policies.order_facts import ProductFacts


def choose(
    named: ProductFacts | None, own: ProductFacts | None, *, code: str, sku: str
) -> tuple[ProductFacts | None, Fault | None]:
    """Return the product of a row, and the fault when it names none or two.

    `named` is what its SKU or GTIN says, `own` what its code says: the text of its column `code`, or else its SKU,
    which may be the dealer's code when no product has it. Promise: a product comes back when the texts agree on it.
    """
    if code and own is None:
        return None, Fault("unknown_code", "buyers_code", f"{code} is none of your article codes",
                           "Add it to your article codes, or name the SKU.")  # fmt: skip
    if named is None or own is None or named.product_id == own.product_id:
        return named or own, None
    if code:
        return None, Fault("codes_disagree", "buyers_code", f"{code} is your code of {own.sku}, not of {named.sku}",
                           "Keep the one you mean.")  # fmt: skip
    return None, Fault("ambiguous_code", "sku", f"{sku} is a SKU, and your own code of {own.sku} as well",
                       "Put it into the column buyers_code, or name the product by its GTIN.")  # fmt: skip
