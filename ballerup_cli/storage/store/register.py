"""The register as bytes: one signed line that names every file of a store, and so its completeness and freshness.

Comparing it with what was seen before belongs to ``anchor``; reading and writing it to ``store``.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple

from ballerup_cli.errors import N_
from ballerup_cli.storage.crypto.signing import DIGEST, PUBLIC, SigningKey, digest, holds
from ballerup_cli.storage.store.journal import ACCESS, AT, BY, CASE, NAME
from ballerup_cli.storage.store.members import JOURNAL

FORMAT = 2
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


_ABOUT = f"(?:{_WORD}|R[0-9]{{4}}-[0-9]{{3,6}})"  # a member of Pladen, or a request
_CLOCK = rf'\["{_WORD}","(?:{AT}|{_DAY})"(?:,"{_ABOUT}")?\]'
_ROW = rf'\["{DIGEST}","(?:{DIGEST})?",{_COUNT},"{DIGEST}",(?:null|"{_WORD}"),\[{_many(_CLOCK)}\]\]'
_SEEN = rf'"{BY}":\[{_COUNT},"{DIGEST}"\]'
_KNOWN = rf'"{NAME}":{_ROW}'
_LOOKS = rf'"{ACCESS}":\[{_COUNT},"{DIGEST}"\]'
_MONTH = "[0-9]{4}-[0-9]{2}"
_LEAK = rf'"{PUBLIC}":{_COUNT}'
_NAMED = f'"{BY}"'
_SHIELD = rf'"{CASE}":\[{_COUNT},\[{_many(_NAMED)}\]\]'
_ERASED = rf'"{CASE}":\["{_MONTH}","{_TEXT}"\]'
_LOSS = rf'"{CASE}":{_COUNT}'
_BACK = rf'\[{_COUNT},{_COUNT},{_COUNT},"{AT}","{BY}",(?:null|"{CASE}"),{{{_many(_LOSS)}}}\]'
_CONTENT = {
    "accepted": rf"\[{_many(_BACK)}\]",
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


@cache
def _grammar() -> re.Pattern[bytes]:
    fields = ",".join(f'{_OPTIONAL.get(name, "")}"{name}":{form}' for name, form in _CONTENT.items())
    return re.compile(f"{{{fields}}}\n".encode())


Due = tuple[str, str, str | None]
"""A clock: its name, the moment or date it runs out, and what it is about."""


class BadRegisterError(ValueError):
    """Bytes that are no register, or a signature that does not hold; says nothing of the content."""


class Row(NamedTuple):
    """What the register says of one journal: digests of its file now and before, length, end, state, clocks.

    It is made as it stands in the file, since ten thousand of them are read to answer one question.
    """

    now: str
    was: str
    entries: int
    head: str
    state: str | None
    clocks: Sequence[Sequence[str]] = ()
    """Each the name of a clock, when it runs out and, if it is about something, about what."""

    @property
    def due(self) -> tuple[Due, ...]:
        """The clocks, each with what it is about or None."""
        return tuple((clock, when, about[0] if about else None) for clock, when, *about in self.clocks)


def clocks(due: Iterable[Due]) -> list[list[str]]:
    """Return clocks as a row holds them; what they are about is left out where it is None."""
    return [[clock, when] if about is None else [clock, when, about] for clock, when, about in due]


class GoingBack(NamedTuple):
    """That an older register, or an older revision of one case, was taken as the newest: when, by whom, what it lost.

    ``number`` is the register that says so, ``given_up`` the one that was seen before, ``taken`` the one taken instead;
    ``lost`` gives for each case how many entries are lost with it, 0 where nobody can tell.
    """

    number: int
    given_up: int
    taken: int
    at: str
    by: str
    case: str | None
    lost: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
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
    accepted: tuple[GoingBack, ...] = ()  # every going back there ever was; the list only grows
    signature: str = ""

    @property
    def goes_back(self) -> bool:
        """Whether this very register takes an older one as the newest."""
        return any(row.number == self.number and row.case is None for row in self.accepted)

    @cached_property
    def line(self) -> bytes:
        """The JSON line that is signed; it is written out once, since the largest part of a look is this."""
        content = {
            "format": FORMAT,
            "store": self.store,
            "number": self.number,
            "previous": self.previous,
            "at": self.at,
            "by": self.by,
            "seen": self.seen,
            "journals": self.journals,
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
        signed = replace(self, signature=key.sign(_SIGNED + self.line))
        vars(signed).update(line=self.line)  # the signature stands below it
        return signed

    def to_bytes(self) -> bytes:
        """Return the plaintext of the register's file."""
        return self.line + self.signature.encode("ascii") + b"\n"

    @cached_property
    def digest(self) -> str:
        """The digest by which the next register and the anchor name this one."""
        return digest(self.to_bytes())


def check(register: Register, public: str | None) -> None:
    """Refuse a register of our own that nobody would believe: then a bug would shut everybody out.

    Raises:
        BadRegister: it does not follow the grammar, or the owner of ``public`` did not sign it.
        ValueError: a clock runs out on a day that does not exist, or it contradicts itself.
    """
    _refuse_contradictions(register)
    for row in register.journals.values():
        _days_exist(row.clocks)
    if not _grammar().fullmatch(register.line):
        raise BadRegisterError(N_("not spelled as a register"))
    Unproven(register, register.line).prove(public)


def blank(store: str) -> Register:
    """Return the register before the first one."""
    return Register(store=store, number=0, previous="", at="", by="", seen={}, journals={}, erased={})


@dataclass(frozen=True, slots=True)
class Unproven:
    """A register that was read and not believed yet."""

    register: Register
    line: bytes = field(repr=False)
    is_newer: bool = False
    is_older: bool = False
    is_known: bool = False

    def prove(self, public: str | None) -> Register:
        """Return the register if the owner of ``public`` signed it; one that is known was proven before.

        Raises:
            BadRegister: nobody who may has signed it.
        """
        if public is None or not (self.is_known or holds(public, self.register.signature, _SIGNED + self.line)):
            raise BadRegisterError(N_("no valid signature"))
        return self.register


def read(data: bytes, known: str = "") -> Unproven:
    """Read a register's plaintext without believing it.

    ``known`` is the digest of one that was read and proven before: its spelling is not looked at again.

    Raises:
        BadRegister: it is not spelled as this module spells one.
    """
    mark, is_known = digest(data), False
    line, end, signature = data.partition(b"\n")
    line += end
    try:
        content, signed = json.loads(line), signature.decode("ascii").removesuffix("\n")
        if content["format"] > FORMAT:
            return Unproven(_outline(content, signed), line, is_newer=True)
        if content["format"] == 1 and content["format"] is not True:
            return Unproven(_outline(content, signed), line, is_older=True)
        is_known = mark == known
        register = _register(content, signed) if is_known or _is_spelled(content, line) else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        register = None
    if register is None or data != line + signed.encode() + b"\n":
        raise BadRegisterError(N_("not spelled as a register"))
    vars(register).update(digest=mark)  # as it would be worked out again
    return Unproven(register, line, is_known=is_known)


def _is_spelled(content: dict[str, Any], line: bytes) -> bool:
    """Tell whether a line follows the grammar, is what would be written, and no clock in it runs out on no day.

    Raises:
        ValueError: one does.
    """
    is_said = _grammar().fullmatch(line) and _spelled(content) == line
    return bool(is_said) and all(_days_exist(row[-1]) for row in content["journals"].values())


def _refuse_contradictions(register: Register) -> None:
    """Refuse a case that is both erased and there, one shielded and not there, and a going back of a later register.

    Raises:
        ValueError: there is one.
    """
    if any(f"cases/{case}" in register.journals for case in register.erased):
        raise ValueError("an erased case has no file")
    if any(f"cases/{case}" not in register.journals for case in register.shielded):
        raise ValueError("a shielded case has a file")
    if any(row.number > register.number for row in register.accepted):
        raise ValueError("no going back is to come")


def _days_exist(clocks: Iterable[Sequence[str]]) -> bool:
    """Tell that every clock runs out on a day that exists.

    Raises:
        ValueError: one does not.
    """
    return all(datetime.fromisoformat(when) for _, when, *_ in clocks)


def _spelled(content: Mapping[str, Any]) -> bytes:
    """Write the line: keys in order, each once, no blanks."""
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _register(content: dict[str, Any], signature: str) -> Register:
    register = Register(
        store=content["store"],
        number=content["number"],
        previous=content["previous"],
        at=content["at"],
        by=content["by"],
        seen={name: (number, mark) for name, (number, mark) in content["seen"].items()},
        journals={name: Row._make(row) for name, row in content["journals"].items()},
        erased={case: (month, rule) for case, (month, rule) in content["erased"].items()},
        access={name: (count, mark) for name, (count, mark) in content.get("access", {}).items()},
        shielded={case: (number, tuple(names)) for case, (number, names) in content.get("shielded", {}).items()},
        leaked=content.get("leaked", {}),
        logged=content.get("logged", ""),
        accepted=tuple(GoingBack._make(row) for row in content["accepted"]),
        signature=signature,
    )
    _refuse_contradictions(register)
    return register


def _outline(content: dict[str, Any], signature: str) -> Register:
    """Return what tells who had to sign a later format's register; every later format keeps this much."""
    now = content["journals"][JOURNAL][0]
    if not re.fullmatch(DIGEST, now):
        raise ValueError("no digest")
    row = Row(now=now, was="", entries=0, head="", state=None)
    return replace(blank(content["store"]), by=content["by"], journals={JOURNAL: row}, signature=signature)
