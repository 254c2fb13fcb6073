"""Builders for the tests of the store: invented people with keys, an office on the disk, and tools to forge with."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ballerup_cli.storage.crypto.age import HybridIdentity, HybridRecipient, parse_recipient, seal, unseal
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.files import Folder, shared_folder
from ballerup_cli.storage.store import journal, members, register
from ballerup_cli.storage.store.anchor import BLANK, AnchorFile
from ballerup_cli.storage.store.commit import Change, commit, found, writing
from ballerup_cli.storage.store.journal import Draft, Head, Record
from ballerup_cli.storage.store.members import Roster
from ballerup_cli.storage.store.register import Register
from ballerup_cli.storage.store.store import REGISTER, Holder, Store, case_journal, file_of
from ballerup_cli.storage.text import codec

AT = "2026-11-22T10:14:00+01:00"
ONE, TWO, THREE = "2026-0001", "2026-0002", "2026-0003"


@cache
def person(name: str) -> Holder:
    """Return the key holder of that name, the same one each time."""
    return Holder.of(HybridIdentity(hashlib.sha256(name.encode()).digest()))


def row(name: str, role: str = "coordinator", **other: str) -> dict[str, str]:
    """Return what the member journal says of somebody."""
    holder = person(name)
    return {
        "name": name,
        "role": role,
        "recipient": holder.identity.recipient.text,
        "signing": holder.key.public,
        **other,
    }


def change(name: str, *bodies: Mapping[str, Any], step: str = "note", **more: Any) -> Change:
    """Return new entries of one journal."""
    return Change(journal=name, drafts=[Draft(step=step, at=AT, body=body) for body in bodies], **more)


def case(number: str, text: str = "Lærken ringer", step: str = "create") -> Change:
    """Return a new entry of a case, with a state and a clock in the register."""
    due = (("receipt", "2026-12-01", None),)
    return change(case_journal(number), {"concern": text}, step=step, state="received", due=due)


def joining(name: str, role: str = "coordinator", **other: str) -> Change:
    """Return the change by which somebody becomes a member."""
    return change(members.JOURNAL, row(name, role, **other), step=members.JOIN)


def leaving(name: str) -> Change:
    """Return the change by which somebody stops being a member."""
    return change(members.JOURNAL, {"name": name}, step=members.LEAVE)


def founding(*names: str) -> dict[str, Any]:
    """Return the body of a store's first entry: coordinators and a recovery key."""
    return {"members": [*(row(name) for name in names), row("recovery", "recovery")]}


@dataclass(frozen=True)
class Office:
    """A store on the disk, and the anchors of everybody who works with it."""

    root: Path
    pin: str

    @property
    def path(self) -> Path:
        return self.root / "store"

    @property
    def folder(self) -> Folder:
        return Folder(self.path, patience=0.2)

    def keeper(self, name: str) -> AnchorFile:
        return AnchorFile(self.root / "state" / name / "anchor.json")

    def open(self, name: str, **more: Any) -> Store:
        return Store.open(self.folder, self.keeper(name), self.pin, person(name), **more)

    def write(self, name: str, *changes: Change, **more: Any) -> Store:
        store = self.open(name)
        with writing(store):
            commit(store, changes, at=AT, **more)
        return store

    def welcome(self, name: str) -> None:
        """Give somebody the anchor that comes with a join code."""
        view = self.open("anna").view
        self.keeper(name).save(BLANK.moved(view.register, view.roster))

    def copy(self, root: Path) -> "Office":
        shutil.copytree(self.root, root)
        return replace(self, root=root)

    def files(self) -> dict[str, bytes]:
        """Return what lies in the store, the lock left out."""
        return {file.name: file.read_bytes() for file in self.path.iterdir() if file.name != ".lock"}

    def put(self, name: str, data: bytes) -> None:
        (self.path / name).write_bytes(data)
        (self.path / name).chmod(0o640)

    # --- tools of whoever can write to the folder ---

    def plaintext(self, file: str) -> bytes:
        return unseal((self.path / file).read_bytes(), [person("anna").identity])

    def register(self) -> Register:
        return register.read(self.plaintext(REGISTER)).register

    def records(self, name: str) -> list[Record]:
        return journal.frame(self.plaintext(file_of(name)))

    def roster(self) -> Roster:
        return members.fold(self.records(members.JOURNAL), self.pin, codec.decode)

    def recipients(self) -> list[HybridRecipient]:
        return [parse_recipient(member.recipient) for member in self.roster().current()]

    def seal(self, plaintext: bytes) -> bytes:
        """Seal to everybody, as anyone with their public keys can."""
        return seal(plaintext, self.recipients())

    def put_register(self, content: Register, signer: str) -> None:
        """Sign a register, true or false, and put it in place."""
        self.put(REGISTER, self.seal(content.sign(person(signer).key).to_bytes()))

    def put_journal(self, name: str, records: list[Record], signer: str, **more: Any) -> None:
        """Put a journal in place and a register that names it; ``more`` changes that register."""
        after = self.roster()
        if name == members.JOURNAL:
            with suppress(journal.BadJournalError, ValueError):  # forged: sealed to those of before, as any file is
                after = members.fold(records, self.pin, codec.decode)
        everybody = [parse_recipient(member.recipient) for member in after.current()]
        readers = [parse_recipient(member.recipient) for member in after.current(members.READERS)]
        data = seal(journal.join(records), everybody if name == members.JOURNAL else readers)
        old = self.register()
        was = old.journals[name].now if name in old.journals else ""
        head = records[-1].head.digest()
        told = register.Row(now=digest(data), was=was, entries=len(records), head=head, state=None)
        content = self.next_register(journals={**old.journals, name: told}, by=signer, **more)
        self.put(file_of(name), data)
        self.put(REGISTER, seal(content.sign(person(signer).key).to_bytes(), everybody))

    def next_register(self, **changes: Any) -> Register:
        """Return the register that would rightly follow, with changes."""
        old = self.register()
        last = {old.by: (old.number, old.digest)}
        honest = replace(old, number=old.number + 1, previous=old.digest, seen={**old.seen, **last})
        return replace(honest, **changes)

    def entry(self, name: str, records: list[Record], signer: str, **head: Any) -> list[Record]:
        """Append an entry signed by ``signer``; ``head`` changes what stands above the signature."""
        facts = {
            "entry": 0,
            "store": self.pin,
            "journal": name,
            "step": "note",
            "at": AT,
            "by": signer,
            "follows": "",
            "register": self.register().number,
            "body": "",
        }
        body = head.pop("text", 'note: "forged"\n').encode()
        return journal.extend(records, Head(**{**facts, **head}), body, person(signer).key)


def found_office(root: Path) -> Office:
    """Found an office: anna and bo are coordinators, rita reads, cron watches; two cases and one that was erased."""
    shared_folder(root / "store")
    pins: list[str] = []

    def keeper_of(pin: str) -> AnchorFile:
        pins.append(pin)
        return Office(root, pin).keeper("anna")

    found(Folder(root / "store"), keeper_of, person("anna"), founding("anna"), [change("pladen", {"a": "b"})], at=AT)
    office = Office(root, pins[0])
    for name, role in (("bo", "coordinator"), ("rita", "reader"), ("cron", "watch")):
        office.write("anna", joining(name, role), reseal=True)
        office.welcome(name)
    office.write("anna", case(ONE), case(TWO, "Rønnen"), case(THREE))
    return office


def code_of(look: Callable[[], object]) -> int:
    """Return the exit code of what ``look`` raises, 0 for nothing."""
    from ballerup_cli.errors import BallerupError

    try:
        look()
    except BallerupError as error:
        return error.exit_code
    return 0
