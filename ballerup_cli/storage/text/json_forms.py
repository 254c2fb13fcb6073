"""JSON text as YAML text in which everything keeps its line and column.

YAML takes JSON in as it is but for two things: documents that follow one another (NDJSON), and surrogate pairs. How
the text becomes values belongs to ``codec``.
"""

import json
import re
from itertools import pairwise

_REST = re.compile(r"[ \t\n]*(.?)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PAIR = r"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rf"\\(?:({_PAIR})|.)")  # taken one after the other, so that a doubled backslash hides no pair


def as_yaml(text: str) -> tuple[str, int]:
    """Return ``text`` as YAML and the number of lines put above it; what is not JSON all through comes back as it is.

    Where documents follow one another without a blank, those after the first move one column for each before them.
    """
    ends = _ends(text)
    if not ends:
        return text, 0
    text = _STRING.sub(_join_pairs, text)
    if len(ends) == 1:
        return text, 0
    return "[\n" + ",".join(text[start:end] for start, end in pairwise([0, *ends])) + "]", 1


def _ends(text: str) -> list[int]:
    """Return where each JSON document ends; nothing when a YAML reader must judge the text."""
    decoder = json.JSONDecoder()
    ends: list[int] = []
    start = _start(text, 0)
    try:
        while start < len(text) and text[start] in "{[":
            ends.append(decoder.raw_decode(text, start)[1])
            start = _start(text, ends[-1])
    except (ValueError, RecursionError):
        return []
    return ends if start == len(text) else []


def _start(text: str, end: int) -> int:
    found = _REST.match(text, end)
    return found.start(1) if found else end


def _join_pairs(string: re.Match[str]) -> str:
    """Return a JSON string with its surrogate pairs joined, followed by blanks so that the next sign stays in place."""

    def joined(escape: re.Match[str]) -> str:
        return str(json.loads(f'"{escape[0]}"')) if escape[1] else escape[0]

    return _ESCAPE.sub(joined, string[0]).ljust(len(string[0]))
