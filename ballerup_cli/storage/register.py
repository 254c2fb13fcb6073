"""The register as bytes: one signed line that names every file of a store, and so its completeness and freshness.

Comparing it with what was seen before belongs to ``anchor``; reading and writing it to ``store``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ballerup_cli.errors import N_
from ballerup_cli.storage.journal import ACCESS, AT, BY, CASE, NAME
from ballerup_cli.storage.members import JOURNAL
from ballerup_cli.storage.signing import DIGEST, PUBLIC, SigningKey, digest, holds

FORMAT = 1
"""The newest format this program reads; a register of a later one says so after its signature was checked."""

_SIGNED = b"ballerup/register/1\n"

# The whole grammar of the line, so that what JSON could also hold (NaN, endless numbers, lone surrogates, a file name
# that leads out of the folder) is never met. Order and duplicates of keys are told by writing it again.
_COUNT = "(?:0|[1-9][0-9]{0,11})"
_WORD = "[a-z0-9]+(?:-[a-z0-9]+)*"
_TEXT = r"(?:[ !#-\[\]-~]|\\u(?!00[0189]|d[89a-f])[0-9a-f]{4}){0,200}"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _many(item: str) -> str:
    return f"(?:{item}(?:,{item})*+)?"


_CLOCK = rf'\["{_WORD}","(?:{AT}|{_DAY})"(?:,"{_WORD}")?\]'
_ROW = rf'\["{DIGEST}","(?:{DIGEST})?",{_COUNT},"{DIGEST}",(?:null|"{_WORD}"),\[{_many(_CLOCK)}\]\]'
_SEEN = rf'"{BY}":\[{_COUNT},"{DIGEST}"\]'
_KNOWN = rf'"{NAME}":{_ROW}'
_LOOKS = rf'"{ACCESS}":\[{_COUNT},"{DIGEST}"\]'
_MONTH = "[0-9]{4}-[0-9]{2}"
_LEAK = rf'"{PUBLIC}":{_COUNT}'
_NAMED = f'"{BY}"'
_SHIELD = rf'"{CASE}":\[{_COUNT},\[{_many(_NAMED)}\]\]'
_ERASED = rf'"{CASE}":\["{_MONTH}","{_TEXT}"\]'
_CONTENT = {
    "accepted": rf"(?:null|\[{_COUNT},{_COUNT}\])",
    "at": f'"{AT}"',
    "by": f'"{BY}"',
    "erased": f"{{{_many(_ERASED)}}}",
    "format": str(FORMAT),
    "journals": f"{{{_many(_KNOWN)}}}",
    "number": _COUNT,
    "previous": f'"(?:{DIGEST})?"',
    "seen": f"{{{_many(_SEEN)}}}",
    "store": '"[0-9a-f]{64}"',
}
# What a store may go without, each before the field it stands before: looks, keys that leaked and a log cut short,
# shielded cases.
_OPTIONAL = {
    "number": rf'(?:"leaked":{{{_LEAK}(?:,{_LEAK})*+}},)?(?:"logged":"{_MONTH}",)?',
    "at": rf'(?:"access":{{{_LOOKS}(?:,{_LOOKS})*+}},)?',
    "store": rf'(?:"shielded":{{{_SHIELD}(?:,{_SHIELD})*+}},)?',
}
_LINE = re.compile(
    ("{" + ",".join(f'{_OPTIONAL.get(name, "")}"{name}":{form}' for name, form in _CONTENT.items()) + "}").encode()
)


class BadRegister(ValueError):
    """Bytes that are no register, or a signature that does not hold; says nothing of the content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What the register says of one journal: digests of its file now and before, length, end, state, clocks."""

    now: str
    was: str
    entries: int
    head: str
    state: str | None
    due: tuple[tuple[str, str, str | None], ...]

    def to_list(self) -> list[Any]:
        """Return the row as it stands in the file; ``None`` at the end of a clock is left out."""
        due = [[clock, when] if about is None else [clock, when, about] for clock, when, about in self.due]
        return [self.now, self.was, self.entries, self.head, self.state, due]

    @classmethod
    def from_list(cls, row: list[Any]) -> "Row":
        """Read a row.

        Raises:
            ValueError: a clock runs out on a day that does not exist.
        """
        now, was, entries, head, state, due = row
        for _, when, *_ in due:
            datetime.fromisoformat(when)
        clocks = tuple((clock, when, about[0] if about else None) for clock, when, *about in due)
        return cls(now=now, was=was, entries=entries, head=head, state=state, due=clocks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Register:
    """The register's content; ``seen`` gives each signer's last register before this one (number, digest)."""

    store: str
    number: int
    previous: str
    at: str
    by: str
    seen: Mapping[str, tuple[int, str]]
    journals: Mapping[str, Row]
    erased: Mapping[str, tuple[str, str]]  # case: month and provision
    access: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # access journal: length and last digest
    shielded: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)  # case: register, whom sealed to
    leaked: Mapping[str, int] = field(default_factory=dict)  # signing key that others have: register that gave it up
    logged: str = ""  # the first month of which access journals are kept; of all, when none is named
    accepted: tuple[int, int] | None = None  # anchor that was given up, register that was taken instead
    signature: str = field(default="", repr=False)
    _line: list[bytes] = field(default_factory=list, init=False, repr=False, compare=False)

    def line(self) -> bytes:
        """Return the JSON line that is signed; it is written out once, since the largest part of a look is this."""
        if not self._line:
            self._line.append(self._written_out())
        return self._line[0]

    def _written_out(self) -> bytes:
        content = {
            "format": FORMAT,
            "store": self.store,
            "number": self.number,
            "previous": self.previous,
            "at": self.at,
            "by": self.by,
            "seen": self.seen,
            "journals": {name: row.to_list() for name, row in self.journals.items()},
            "erased": self.erased,
            "accepted": self.accepted,
            **({"access": self.access} if self.access else {}),
            **({"leaked": self.leaked} if self.leaked else {}),
            **({"logged": self.logged} if self.logged else {}),
            **({"shielded": self.shielded} if self.shielded else {}),
        }
        return _spelled(content)

    def sign(self, key: SigningKey) -> "Register":
        """Return the register with its signature."""
        return replace(self, signature=key.sign(_SIGNED + self.line()))

    def to_bytes(self) -> bytes:
        """Return the plaintext of the register's file."""
        return self.line() + self.signature.encode("ascii") + b"\n"

    def digest(self) -> str:
        """Return the digest by which the next register and the anchor name this one."""
        return digest(self.to_bytes())


def blank(store: str) -> Register:
    """Return the register before the first one."""
    return Register(store=store, number=0, previous="", at="", by="", seen={}, journals={}, erased={})


@dataclass(frozen=True, slots=True)
class Unproven:
    """A register that was read and not believed yet."""

    register: Register
    line: bytes = field(repr=False)
    is_newer: bool

    def prove(self, public: str | None) -> Register:
        """Return the register if the owner of ``public`` signed it.

        Raises:
            BadRegister: nobody who may has signed it.
        """
        if public is None or not holds(public, self.register.signature, _SIGNED + self.line):
            raise BadRegister(N_("no valid signature"))
        return self.register


def read(data: bytes) -> Unproven:
    """Read a register's plaintext without believing it.

    Raises:
        BadRegister: it is not spelled as this module spells one.
    """
    line, end, signature = data.partition(b"\n")
    try:
        content, mark = json.loads(line), signature.decode("ascii").removesuffix("\n")
        if content["format"] > FORMAT:
            return Unproven(_outline(content, mark), line + end, is_newer=True)
        register = _register(content, mark) if _LINE.fullmatch(line) and _spelled(content) == line + end else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        register = None
    if register is None or data != line + end + mark.encode() + b"\n":
        raise BadRegister(N_("not spelled as a register"))
    register._line.append(line + end)  # as it would be written out
    return Unproven(register, line + end, is_newer=False)


def _spelled(content: Mapping[str, Any]) -> bytes:
    """Write the line: keys in order, each once, no blanks."""
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _register(content: dict[str, Any], signature: str) -> Register:
    erased = {case: (month, rule) for case, (month, rule) in content["erased"].items()}
    if any(f"cases/{case}" in content["journals"] for case in erased):
        raise ValueError("an erased case has no file")
    shielded = {case: (number, tuple(names)) for case, (number, names) in content.get("shielded", {}).items()}
    if any(f"cases/{case}" not in content["journals"] for case in shielded):
        raise ValueError("a shielded case has a file")
    return Register(
        store=content["store"],
        number=content["number"],
        previous=content["previous"],
        at=content["at"],
        by=content["by"],
        seen={name: (number, mark) for name, (number, mark) in content["seen"].items()},
        journals={name: Row.from_list(row) for name, row in content["journals"].items()},
        erased=erased,
        access={name: (count, mark) for name, (count, mark) in content.get("access", {}).items()},
        shielded=shielded,
        leaked=content.get("leaked", {}),
        logged=content.get("logged", ""),
        accepted=None if content["accepted"] is None else tuple(content["accepted"]),
        signature=signature,
    )


def _outline(content: dict[str, Any], signature: str) -> Register:
    """Return what tells who had to sign a later format's register; every later format keeps this much."""
    now = content["journals"][JOURNAL][0]
    if not re.fullmatch(DIGEST, now):
        raise ValueError("no digest")
    row = Row(now=now, was="", entries=0, head="", state=None, due=())
    return replace(blank(content["store"]), by=content["by"], journals={JOURNAL: row}, signature=signature)
