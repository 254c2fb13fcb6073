"""The tables of a report, and the counts in their rows."""

from collections.abc import Mapping

TABLES: Mapping[str, str] = {
    "by_tier": "tier",
    "by_member": "member",
    "by_ring": "ring",
    "by_sector": "sector",
    "by_month": "month",
    "by_age_band": "age_band",
    "by_sign": "sign",
    "by_measure": "measure",
    "by_gate": "gate",
    "by_outcome": "outcome",
    "by_activity": "kind",
}
"""The tables of a report, each with the name of the code in its rows."""

SPLIT = ("open", "closed")

COUNTS = ("received", *SPLIT, "activities", "planned", "held", "participants")
"""The counts that rows have; all else in a row is its code and what is known of it."""
