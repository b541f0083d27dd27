"""What was cleared of goods received: by the bills that were approved, and by corrections of their value since."""

from __future__ import annotations

from typing import Final

# Rows of terms_id, quantity (base units billed) and cleared (minor units).
CLEARED: Final = """(
    SELECT terms_id, quantity, cleared FROM finance_matchline WHERE is_booked
    UNION ALL SELECT terms_id, 0, amount FROM finance_clearingcorrection)"""
