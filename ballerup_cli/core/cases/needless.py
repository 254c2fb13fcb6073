"""What a closed case no longer needs before its time is up (GDPR art. 5(1)(c)); taking it out is ``redact``'s.

Own rule, as the periods of retention are: of a concern that led to nothing, who came with it; of one that is another
authority's now, all but the reference.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ballerup_cli.core.cases.amend import find, path_of
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.clocks import closed_for_referrer, feedback_settled, retention_rule

_WHO_CAME = ("referrer.name", "referrer.contact")
_ALL_TOLD = (
    *_WHO_CAME,
    *("subject.contact", "subject.guardians", "concern", "observations", "resources", "tried", "place.text"),
)
NEEDLESS: Mapping[str, tuple[str, ...]] = {
    "police": _ALL_TOLD,
    "no-basis": _WHO_CAME,
    "unfounded": _WHO_CAME,
    "handed-over": _ALL_TOLD,
}
"""The fields of the intake that nothing needs any more, by rule of retention."""


def needless(case: Case, settings: Mapping[str, Any]) -> Iterator[str]:
    """Give the paths of what the intake says and nothing needs any more; who came is needed until he has heard."""
    if not case.closing or (any(closed_for_referrer(case)) and not feedback_settled(case, "")):
        return
    for path in NEEDLESS.get(retention_rule(case, settings), ()):
        if _stands(case.intake, path):
            yield path


def _stands(body: Mapping[str, Any], path: str) -> bool:
    try:
        return bool(find(body, path_of(path)))
    except LookupError:
        return False
