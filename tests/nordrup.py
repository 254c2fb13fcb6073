"""The invented town of `nordrup.yaml`: its forms, and the words of the shipped town, which it never says."""

import re
from pathlib import Path

import invented

from ballerup_cli.core.entry import Body

PROFILE = Path(__file__).parent / "nordrup.yaml"
OURS = re.compile(
    r"\bBallerup|Pladen\b|\bPlade [123]|Lille Enhed|Center for Arbejdsmarked|Vestegn|Infohus Kommune|Erhvervs-"
    r"|Ungerådgivning"
)
"""Words of the municipality whose profile is shipped; the program's own name is written small."""
STAFF = {"function": "vejleder"}


def create(**changed: object) -> Body:
    return invented.create(**{"referrer": {"member": "nordskolen"}, **changed})


def assess(**changed: object) -> Body:
    return invented.assess(**{"participants": [{"role": "core-group", "function": "leder"}], **changed})  # type: ignore[arg-type]


def plan(*starts: str, **changed: object) -> Body:
    """A plan with one measure for each day on which one starts."""
    measures = [invented.measure("makker", authority="Nordrup", starts=day) for day in starts]
    people = {"coordinator": {"name": "Vibe Eksempel", **STAFF}, "team": [STAFF]}
    return invented.plan(*measures, **{**people, **changed})
