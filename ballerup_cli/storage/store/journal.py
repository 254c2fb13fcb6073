"""Journals as bytes: framing, chaining, signing. A journal is a YAML stream that is verified before it is parsed.

Nothing here opens a file, parses YAML or knows what a step means. The grammar stands in docs/format.md.
"""

import base64
import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field, replace

from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_
from ballerup_cli.storage.crypto.signing import DIGEST, SigningKey, digest, holds
from ballerup_cli.values import value

PAGE = 4096
"""Plaintexts are padded to whole pages, so that a size says little about a text."""

CASE = "[0-9]{4}-[0-9]{4,6}"
NAME = f"(?:[a-z]+|cases/{CASE})"
AT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}"
BY = "[a-z][a-z0-9-]{0,31}"
ACCESS = f"access-{BY}-[0-9]{{4}}-[0-9]{{2}}"
"""How a case number, a journal's name, a moment and a signer are spelled; and the name of an access journal. A
name is also a file's: it has no way out of the store's folder, and no two names make the same file."""

_MAGIC = b"# ballerup journal 1\n"
_SIGNED = b"ballerup/entry/1\n"
_HEAD = b"--- # head\n"
_BODY = b"--- # body\n"
_END = b"...\n"
_GRAMMAR = {
    "entry": "[1-9][0-9]{0,8}",
    "store": "[0-9a-f]{64}|",
    "journal": f"{NAME}|{ACCESS}",
    "step": "[a-z]+(?:-[a-z]+)*",
    "at": AT,
    "by": BY,
    "follows": f"{DIGEST}|",
    "register": "0|[1-9][0-9]{0,11}",
    "redacts": "[1-9][0-9]{0,8}",
    "readers": rf"\*|{BY}(?: {BY})*",
    "body": DIGEST,
    "signature": "ed25519:[A-Za-z0-9+/]{86}==",
}
_OPTIONAL = {"redacts", "readers"}  # the lines a head may go without
_HEAD_LINES = re.compile(
    "".join(
        f'(?:{name}: "(?P<{name}>{form})"\n){"?" if name in _OPTIONAL else ""}' for name, form in _GRAMMAR.items()
    ).encode()
)
_SALT = re.compile(rb"# salt [A-Za-z0-9+/]{22,}={0,2}\n")
_BOUNDARY = re.compile(rb"^(?:--- # (?:head|body)|\.\.\.)$", re.MULTILINE)


class BadJournalError(ValueError):
    """Bytes that are no journal of this store and name, or a chain or signature that does not hold.

    The only argument is a fixed text for the reason, never a part of the journal.
    """


@value
class Head:
    """The signed part of an entry; ``register`` is the number of the register it was written on top of.

    ``redacts`` is the number of an earlier entry whose body this one takes the place of, 0 when it redacts none.
    ``readers`` names the members the journal is sealed to from here on; "*" all who open records; "" as before.
    """

    entry: int
    store: str
    journal: str
    step: str
    at: str
    by: str
    follows: str
    register: int
    body: str
    redacts: int = 0
    readers: str = ""
    signature: str = ""

    def lines(self) -> bytes:
        """Return the head's lines, ``entry`` to ``signature``; an unsigned head ends before its signature."""
        names = [name for name in _GRAMMAR if name not in {"signature", *_OPTIONAL} or getattr(self, name)]
        return "".join(f'{name}: "{getattr(self, name)}"\n' for name in names).encode()

    def digest(self) -> str:
        """Return the digest by which the next entry follows this one."""
        return digest(self.lines())


@value
class Record:
    """One framed entry: its head and the bytes of its body, salt line included."""

    head: Head
    body: bytes = field(repr=False)


@value
class Draft:
    """An entry that is to be written: its step, the moment it is written, its body, which entry it redacts.

    ``readers`` is what ``readers_line`` says of those whom the journal is sealed to from then on.
    """

    step: str
    at: str
    body: Body = field(repr=False)
    redacts: int = 0
    readers: str = ""


def head_of(draft: Draft, store: str, name: str, by: str, register: int) -> Head:
    """Return a head whose number, chain and digests ``journal.extend`` fills in."""
    return Head(
        entry=0,
        store=store,
        journal=name,
        step=draft.step,
        at=draft.at,
        by=by,
        follows="",
        register=register,
        body="",
        redacts=draft.redacts,
        readers=draft.readers,
    )


def readers_line(names: Sequence[str]) -> str:
    """Return how a head says that a journal is sealed to ``names`` only; to all who open records when there is none."""
    return " ".join(sorted({*names})) or "*"


def readers(records: Sequence[Record]) -> tuple[tuple[str, ...], int] | None:
    """Return whom a journal is sealed to, and the register number that was written on; None: all who open records."""
    item = next((record.head for record in reversed(records) if record.head.readers), None)
    return None if item is None or item.readers == "*" else (tuple(item.readers.split()), item.register)


STRUCK = b"# salt " + b"A" * 22 + b"\nredacted: true\n"
"""What stands in place of a body that was redacted: always the same, so that it can carry nothing."""

KeyOf = Callable[[Head], str | None]
"""Gives the public key that had to sign an entry, or None when nobody of that name might."""


def frame(data: bytes) -> list[Record]:
    """Split a journal's plaintext into records without believing any of it.

    Raises:
        BadJournal: the bytes are not spelled as this module spells a journal.
    """
    text, _, padding = data.rpartition(b"\n" + _END)
    if not data.startswith(_MAGIC) or padding != _padding(len(data) - len(padding)):
        raise BadJournalError(N_("not spelled as a journal"))
    parts = re.split(rb"(?m)^" + re.escape(_HEAD), text[len(_MAGIC) :] + b"\n")
    if parts[0]:  # something before the first head, or no head at all
        raise BadJournalError(N_("not spelled as a journal"))
    return [_record(part) for part in parts[1:]]


def _record(part: bytes) -> Record:
    lines, _, body = part.partition(_BODY)
    fields = _HEAD_LINES.fullmatch(lines)
    if fields is None or not _SALT.match(body) or _BOUNDARY.search(body):
        raise BadJournalError(N_("not spelled as a journal"))
    words = {name: value.decode("ascii") for name, value in fields.groupdict(b"").items()}
    numbers = {name: int(words.pop(name) or 0) for name in ("entry", "register", "redacts")}
    return Record(head=Head(**numbers, **words), body=body)  # type: ignore[arg-type]


def verify(records: Sequence[Record], *, store: str, name: str, key_of: KeyOf) -> None:
    """Check number, store, name, chain, body digest and signature of every record.

    Raises:
        BadJournal: anything of it does not hold.
    """
    check_chain(records, stores=[store] * len(records), name=name)
    for record in records:
        check_signature(record.head, key_of(record.head))


def check_chain(records: Sequence[Record], *, stores: Sequence[str], name: str) -> None:
    """Check all of ``verify`` but the signatures; ``stores`` holds what each entry must call its store.

    Raises:
        BadJournal: anything of it does not hold.
    """
    follows, register = "", 0
    redacted = {record.head.redacts for record in records}
    for number, (record, store) in enumerate(zip(records, stores, strict=True), 1):
        head = record.head
        if (head.entry, head.store, head.journal) != (number, store, name):
            raise BadJournalError(N_("another place's entry"))
        if head.follows != follows or head.register < register:
            raise BadJournalError(N_("a broken chain"))
        if head.redacts >= head.entry:
            raise BadJournalError(N_("a broken chain"))
        # A signed redaction names the entry, and nothing can be hidden in what stands there instead.
        if head.body != digest(record.body) and not (number in redacted and record.body == STRUCK):
            raise BadJournalError(N_("a changed body"))
        follows, register = head.digest(), head.register


def check_signature(head: Head, public: str | None) -> None:
    """Check that the owner of ``public`` signed ``head``.

    Raises:
        BadJournal: nobody of that name may sign, or the signature does not hold.
    """
    unsigned = replace(head, signature="").lines()
    if public is None or not holds(public, head.signature, _SIGNED + unsigned):
        raise BadJournalError(N_("no valid signature"))


def extend(records: Sequence[Record], head: Head, text: bytes, key: SigningKey) -> list[Record]:
    """Return ``records`` with one more: ``head`` completed (number, chain, body digest, signature) over ``text``.

    The body of an entry that it redacts is gone from what is returned.
    """
    salted = b"# salt " + base64.b64encode(os.urandom(16)) + b"\n" + text
    follows = records[-1].head.digest() if records else ""
    head = replace(head, entry=len(records) + 1, follows=follows, body=digest(salted), signature="")
    signed = replace(head, signature=key.sign(_SIGNED + head.lines()))
    kept = [replace(r, body=STRUCK) if r.head.entry == head.redacts else r for r in records]
    return [*kept, Record(head=signed, body=salted)]


def join(records: Sequence[Record]) -> bytes:
    """Return the plaintext of a journal: ``frame`` is its mirror.

    Raises:
        RuntimeError: the result would not read back; a bug, and nothing may be written.
    """
    parts = [_HEAD + record.head.lines() + _BODY + record.body for record in records]
    text = _MAGIC + b"".join(parts) + _END
    data = text + _padding(len(text))
    with suppress(BadJournalError):
        if frame(data) == list(records):
            return data
    raise RuntimeError("journal does not read back")


def _padding(length: int) -> bytes:
    """Return the one padding that fills ``length`` bytes up to whole pages: nobody can hide anything in it."""
    size = -length % PAGE
    if size == 1:  # no line has room for a "#" and its end
        size += PAGE
    return (b"# padding " + b"." * size)[: size - 1] + b"\n" if size else b""
