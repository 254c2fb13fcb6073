"""Mutants that survive and change nothing that anybody could notice: which, by a pattern of what they say, and why."""

_NUMBERS = "no two entries of a case have the same number"
_MOMENT = "a moment compares with a day as its own day does, and is never equal to one"
_LOOKS = "the picture looks a little different; that all is in its place is tested"
_HINT = "how many of the names a hint could give it gives"
_SPEED = "how much is done at once, or kept for the next time; what comes out is the same"
_BOUND = "a bound well above what is needed: nothing comes near to it"
_NOT_YET = "a place that is filled in before anybody looks at it"

EXPLAINED: list[tuple[str, str]] = [
    (r"storage/journal\.py: salted = .*\(16 → 17\)", "more salt than is needed"),
    (r"storage/journal\.py: entry=0, ", _NOT_YET),
    (r"storage/bech32\.py: .*range\(25, -1, -5\).*\(1 → 2\)", "it ends at the same shift"),
    (r"core/oddities\.py: before = held\.get\(", "a follow-up of a measure that nobody knows was refused before"),
    (r"core/clocks\.py: .*\((told\.|entry\.)?number > .* → .*>= ", _NUMBERS),
    (r"core/clocks\.py: .*\(told > _told\(request\) → ", _NUMBERS),
    (r"core/clocks\.py: return \[entry for \*_, entry in sorted\(told.*\(2 → 3\)", _NUMBERS),
    (r"core/clocks\.py: .*\(entry\.number > closing\[.entry.\] → .*>= ", _NUMBERS),
    (r"core/clocks\.py: .*\(entry\.body\[.at.\] >= closing", _MOMENT),
    (r"core/clocks\.py: days \+= .*\(10 → 11\)", _MOMENT),
    (r"core/checks\.py: then = replace\(context, today=entry\.at.*\(10 → 11\)", _MOMENT),
    (r"core/steps\.py: entry = Entry\(number=len\(before\.entries\) \+ 1", "no rule asks for the number of a draft"),
    (
        r"core/picture\.py: while depth := next.*\((0 → 1|.* > 0 → .* >= 0)\)",
        "a pixel of the gap between two boxes, which is seven at least",
    ),
    (r"core/picture\.py: width, height = .*\(0 → 1\)", "a ring without names has its title alone on its circle"),
    (r"core/picture\.py: _(GAP|MANY|MARGIN|WIDEST) = ", _LOOKS),
    (r"core/picture\.py: angle \+= max\(depth, 1\).*\(1 → 2\)", _LOOKS),
    (r"core/picture\.py: (while wide - narrow|narrow, wide =|if angle > 2|if _widest\(best\)|ends = \[round)", _LOOKS),
    (r"core/crossing\.py: if not wanted\.keys\(\) <= _REFERRER", "it has two keys at most, and the other three"),
    (
        r"core/disclosure\.py: alone = layers\.first and .*== 1 \(0 → 1\)",
        "a row that is alone holds all there is, which is more than 1 where it is told",
    ),
    (r"storage/schema\.py: .*_FEW", _HINT),
    (r"storage/many\.py: .*(_FEW|processors)", _SPEED),
    (r"storage/memo\.py: .*(lasting=False|_MOST)", _SPEED),
    (r"storage/memo\.py: _LARGEST", _BOUND),
    (r"storage/store\.py: _WRITERS_TO_OUTRUN", _BOUND),
    (r"storage/files\.py: (LARGEST|_AGAIN) = ", _BOUND),
    (r"storage/(codec\.py: _LARGEST_BODY|image\.py: _LARGEST)", _BOUND),
    (r"storage/schema\.py: _LONG", _BOUND),
    (r"storage/many\.py: if TYPE_CHECKING", _SPEED),
    (r"storage/many\.py: told, tells = context\.Pipe", "nothing is sent the other way"),
    (r"storage/image\.py: .*store\.folder\.seen\(file_of\(name\)\)", _SPEED),
    (r"storage/image\.py: write_private\(.*lasting=False", "an image that is lost is filled again"),
    (r"storage/age\.py: room = 128", _BOUND),
    (r"storage/anchor\.py: .*limit=1 << 24", _BOUND),
    (
        r"storage/age\.py: for start in range\(0, max\(len\(data\), 1\), size\): \(1 → 2\)",
        "two is less than a chunk as well",
    ),
    (r"storage/(register|commit)\.py: .*Row\(now=.*entries=0.*\(0 → 1\)", _NOT_YET),
    (r"storage/register\.py: mark, is_known = digest\(data\), False", _NOT_YET),
    (r"storage/files\.py: path\.mkdir\(mode=0o770", "the rights are set right after it, on an empty folder"),
    (r"storage/files\.py: mode = 0 \(0 → 1\)", "neither of them is a folder"),
    (r"storage/commit\.py: spare = max\(.*\(0 → 1\)", "a store has a recovery key, and no case in its first register"),
    (
        r"storage/codec\.py: return \"\\n\" in text and text\[0\]",
        "which of two spellings is written; both read back the same",
    ),
    (r"strict=True.*\(True → False\)", "a check of our own: where it stands, the lengths are the same"),
    (r"strict=False.*\(False → True\)", "a check of our own: where it stands, the lengths are the same"),
]
