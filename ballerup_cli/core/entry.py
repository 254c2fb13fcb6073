"""What a journal consists of, as the domain sees it: entries with a number, a step, a moment, a signer and a body.

How entries are chained, signed and sealed belongs to ``journal``.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ballerup_cli.values import value

Body = Mapping[str, Any]
"""The plain values of one form: strings, booleans, None, counts, lists and mappings of them."""


@value
class Entry:
    """One verified entry of a journal; ``at`` is an ISO 8601 moment with offset, ``by`` the member's short name."""

    number: int
    step: str
    at: str
    by: str
    body: Body = field(repr=False)
