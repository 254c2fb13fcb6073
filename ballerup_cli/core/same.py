"""One notion of the same: how names, organisations, codes and CPR numbers are compared, and how a CPR number is kept.

Whatever a word processor, a telephone or another alphabet of Unicode makes of a word, it is the same word here.
"""

import re
import unicodedata
from datetime import date

_LETTERS = str.maketrans({"å": "aa", "æ": "ae", "ø": "oe"})
_UNSEEN = ("Cf", "Mn")
"""Signs without a place of their own: zero-width ones, soft hyphens, and marks that NFKC left beside their letter."""
_DASHES = "Pd"
_MINUS = "\u2212"
_JOINED_CPR = re.compile(r"(?<![0-9a-z])([0-9]{6}) ?([0-9]{4})(?![0-9a-z])")


def fold(text: str) -> str:
    """Return a text as it is compared: case, blanks, hyphens, dashes, accents' spelling and å/aa do not matter."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(_place(sign) for sign in plain)
    return _JOINED_CPR.sub(r"\1\2", " ".join(seen.translate(_LETTERS).split()))


def _place(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in _UNSEEN:
        return ""
    return " " if category == _DASHES or sign == _MINUS else sign


def names(text: str, name: str) -> bool:
    """Tell whether a text names something, with words around it, together or apart, in a definite form."""
    return bool(name.strip()) and _together(name) in _together(text)


def _together(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text))


# --- CPR numbers ------------------------------------------------------------------------------------------------------

_CPR = re.compile(r"((?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])(?:0[1-9]|1[0-2])[0-9]{2})([0-9A-ZÆØÅ]{4})")
_REPLACED = 60  # what is added to the day of a replacement number


def cpr(text: str) -> str | None:
    """Return a CPR number in the one spelling in which it is kept, None when it is none; replacement numbers are."""
    plain = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(sign for sign in plain if _place(sign).strip())
    found = _CPR.fullmatch(kept)
    return f"{found[1]}-{found[2]}" if found else None


def born_of(number: str, day: str) -> str | None:
    """Return the date of birth that a CPR number says; none with letters, an impossible date or one after ``day``.

    The century follows from the seventh digit and the year, as the CPR office publishes it.
    """
    kept = cpr(number)
    if kept is None or not kept[7:].isdecimal():
        return None
    count, month, year, seventh = int(kept[:2]), int(kept[2:4]), int(kept[4:6]), int(kept[7])
    try:
        born = date(
            _century(seventh, year) + year, month, count - _REPLACED if count > _REPLACED else count
        ).isoformat()
    except ValueError:
        return None
    return born if born <= day else None


def _century(seventh: int, year: int) -> int:
    match seventh:
        case 0 | 1 | 2 | 3:
            return 1900
        case 4 | 9:
            return 2000 if year <= 36 else 1900
        case _:
            return 2000 if year <= 57 else 1800
