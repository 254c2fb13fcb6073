"""Who holds keys: come, leave, renew, take over with the recovery key, and prove that it still opens the records.

Each is one entry of the member journal and one save, in which every file is sealed anew. Which entry is believed is
decided in ``members``; where keys lie belongs to ``custody``.
"""

import base64
import binascii
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ballerup_cli.core.words import spoken
from ballerup_cli.errors import (
    AlreadyThereError,
    BadCardError,
    BallerupError,
    DiskError,
    InvalidFormError,
    NameTakenError,
    NoAnchorError,
    WrongKeyError,
)
from ballerup_cli.services.forms import drafts
from ballerup_cli.services.store.identity import (
    COORDINATOR,
    RECOVERY,
    Places,
    identity_file,
    is_wrapped,
    member_row,
    open_holder,
    recovery_text,
    refuse_in_store,
    wrapped,
)
from ballerup_cli.services.store.index import purge
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace, configure
from ballerup_cli.storage.crypto.age import HybridIdentity, parse_recipient
from ballerup_cli.storage.crypto.signing import is_key
from ballerup_cli.storage.files import Folder, private_folder, write_private
from ballerup_cli.storage.store.anchor import BLANK, read_anchor
from ballerup_cli.storage.store.commit import Change, Taken, commit, writing
from ballerup_cli.storage.store.journal import BY, Draft
from ballerup_cli.storage.store.members import JOIN, JOURNAL, LEAVE, READERS, RENEW, Member, Roster
from ballerup_cli.storage.store.store import Holder, Store, case_journal
from ballerup_cli.storage.text import codec
from ballerup_cli.values import value

Row = dict[str, Any]

DRILL = "key-drill"
"""The proof that is written down when the recovery key was tried."""
_CODE = "ballerup-join-1:"


def members(workspace: Workspace, language: str) -> list[Row]:
    """Return the members there are and were, with their fingerprints as words."""
    return [_row(member, workspace, language) for member in workspace.store.roster.members]


def fingerprint(recipient: str, signing: str, language: str) -> str:
    """Return ten words that stand for a person's two public keys."""
    return spoken(hashlib.sha256(f"ballerup/fingerprint/1\n{recipient}\n{signing}\n".encode()).digest(), language)


def _row(member: Member, workspace: Workspace, language: str) -> Row:
    return {
        "name": member.name,
        "role": member.role,
        "since": member.since,
        "until": member.until,
        "me": member.signing == workspace.store.holder.key.public and member.until is None,
        "fingerprint": fingerprint(member.recipient, member.signing, language),
    }


def leaks(workspace: Workspace) -> dict[str, int]:
    """Return whose keys others have or had, each with the register that gave the last of them up."""
    known = workspace.store.register.leaked
    return {member.name: known[member.signing] for member in workspace.store.roster.members if member.signing in known}


# --- coming and leaving -----------------------------------------------------------------------------------------------


def make_identity(places: Places, name: str, passphrase: str | None, at: str) -> str:
    """Make keys for somebody who is to join, and return the card to hand over: public keys only.

    Raises:
        AlreadyThereError: there is an identity or a configuration, which is never overwritten.
        DiskError: it could not be written.
    """
    for file in (places.identity, places.configuration):
        if file.exists():
            raise AlreadyThereError(path=str(file))
    identity = HybridIdentity.generate()
    private_folder(places.config)
    write_private(places.identity, wrapped(identity_file(identity, name, at), passphrase))
    row = member_row(name, "", Holder.of(identity))
    return codec.encode({key: row[key] for key in _CARD}).decode()


_CARD = ("name", "recipient", "signing")


def read_card(data: bytes) -> Row:
    """Read the card of somebody who is to join.

    Raises:
        BadCardError: it is none.
    """
    try:
        (form,) = codec.read_forms(data)
        if {*form.value} == {*_CARD} and all(isinstance(value, str) for value in form.value.values()):
            parse_recipient(form.value["recipient"])
            if not (is_key(form.value["signing"]) and re.fullmatch(BY, form.value["name"])):
                raise BadCardError
            return {key: form.value[key] for key in _CARD}
    except (InvalidFormError, ValueError, TypeError, AttributeError):
        pass
    raise BadCardError


def add(workspace: Workspace, card: Row, role: str, moment: Moment) -> str:
    """Take somebody in, seal what he may read to him, and return the code he joins with.

    Raises:
        NameTakenError: somebody of that name, or with these keys, is a member.
        BadCardError: others have these keys, and they were given up for that.
        BallerupError: the store cannot be written.
    """
    store = workspace.store
    with writing(store):
        roster = store.roster
        if card["signing"] in store.register.leaked:  # given up, since others have it
            raise BadCardError
        if roster.named(card["signing"]) or any(member.name == card["name"] for member in roster.current()):
            raise NameTakenError
        _write(store, [(JOIN, {**card, "role": role})], moment, reseal=role in READERS)
    anchor = replace(store.keeper.load() or BLANK, pending=None)  # a save under way is this machine's own affair
    code = json.dumps({"store": store.pin, "anchor": anchor.to_bytes().decode()}).encode()
    return _CODE + base64.urlsafe_b64encode(code).decode()


def join(places: Places, path: Path, code: str, language: str | None, passphrase: Callable[[], str]) -> Workspace:
    """Configure this user's store as a member who was added: the code says which one, and how new it must be.

    Raises:
        BadCardError: it is no such code.
        AlreadyThereError, KeyInStoreError: a store is configured here; the keys would lie in it.
        BallerupError: 30-33 and 40-43, as on opening; then nothing is configured.
    """
    _refuse_configured(places, path)
    try:
        content = json.loads(base64.urlsafe_b64decode(code.strip().removeprefix(_CODE)))
        pin, anchor = str(content["store"]), read_anchor(content["anchor"].encode())
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise BadCardError from None
    keeper = places.keeper(pin)
    known = keeper.load()
    if known is None or known.number < anchor.number:
        keeper.save(anchor)
    try:
        store = Store.open(Folder(path.absolute()), keeper, pin, open_holder(places.identity, passphrase))
        store.prove()  # the anchor is another's word for it, so far
    except BallerupError:
        keeper.save(known) if known else keeper.path.unlink()
        raise
    configure(places, path.absolute(), pin, language)
    return Workspace(store)


def _refuse_configured(places: Places, store: Path) -> None:
    if places.configuration.exists():
        raise AlreadyThereError(path=str(places.configuration))
    refuse_in_store(store, places.identity)


def remove(workspace: Workspace, name: str, moment: Moment, *, leaked: bool = False) -> None:
    """Let a member go: nothing written from now on is sealed to him, and nothing he signs is believed.

    ``leaked`` says that others have his keys.

    Raises:
        NameTakenError: there is no such member, or the store would be left without a coordinator or a recovery key.
        BallerupError: the store cannot be written.
    """
    store = workspace.store
    with writing(store):
        going = next((member for member in store.roster.current() if member.name == name), None)
        if going is None or going.role == RECOVERY or going.name == store.me.name or _is_last(store.roster, going):
            raise NameTakenError
        given_up = going.signing if leaked else None
        _write(store, [(LEAVE, {"name": name})], moment, reseal=going.role in READERS, leaked=given_up)


def _is_last(roster: Roster, going: Member) -> bool:
    return [member.name for member in roster.current(frozenset({COORDINATOR}))] == [going.name]


def _write(
    store: Store,
    steps: Sequence[tuple[str, Row]],
    moment: Moment,
    *,
    reseal: bool = True,
    renewed: Holder | None = None,
    accepted: Taken | None = None,
    leaked: str | None = None,
) -> None:
    drafts = [Draft(step=step, at=moment.at, body=body) for step, body in steps]
    change = Change(journal=JOURNAL, drafts=drafts)
    commit(store, [change], at=moment.at, reseal=reseal, renewed=renewed, accepted=accepted, leaked=leaked)


# --- renewing, and taking over ----------------------------------------------------------------------------------------


def rotate(
    workspace: Workspace, places: Places, passphrase: str | None, moment: Moment, *, leaked: bool = False
) -> None:
    """Renew this user's own keys: the new ones are on the disk before the store knows them, the old ones until then.

    ``leaked`` says that others have the old ones.

    Raises:
        WrongKeyError: the passphrase is not the identity's, or the store was opened with another identity.
        BallerupError: the store or the identity cannot be written; then the old keys stand.
    """
    store, me = workspace.store, workspace.store.me
    # The new keys get the passphrase of the old ones: one that was mistyped would shut their owner out.
    if open_holder(places.identity, lambda: passphrase or "").key.public != me.signing:
        raise WrongKeyError(file=str(places.identity))
    identity = HybridIdentity.generate()
    new, old = Holder.of(identity), store.holder.identity
    drafts_folder = store.keeper.path.parent
    with writing(store):
        drafts.reseal(drafts_folder, old, [old.recipient, identity.recipient])  # whatever fails, one of them opens
        write_private(places.next_identity, wrapped(identity_file(identity, me.name, moment.at), passphrase))
        given_up = me.signing if leaked else None
        _write(store, [(RENEW, member_row(me.name, me.role, new))], moment, renewed=new, leaked=given_up)
        places.adopt_next()
        drafts.reseal(drafts_folder, identity, [identity.recipient])
    purge(workspace)


def rotate_recovery(workspace: Workspace, file: Path, moment: Moment, *, leaked: bool = False) -> None:
    """Make a new recovery key, in ``file``; the old one opens nothing that is sealed from now on.

    ``leaked`` says that others have the old one.

    Raises:
        AlreadyThereError, KeyInStoreError: the file exists, or would lie beside the records.
        BallerupError: the store or the file cannot be written.
    """
    if file.exists():
        raise AlreadyThereError(path=str(file))
    refuse_in_store(workspace.store.folder.path, file)
    identity = HybridIdentity.generate()
    with writing(workspace.store):
        write_private(file, recovery_text(identity, moment.at))
        try:
            old = next(member.signing for member in workspace.store.roster.current() if member.role == RECOVERY)
            row, given_up = member_row(RECOVERY, RECOVERY, Holder.of(identity)), old if leaked else None
            _write(workspace.store, [(RENEW, row)], moment, leaked=given_up)
        except DiskError:  # nothing was renewed, and a key that opens nothing must not be locked away
            file.unlink()
            raise


@value
class Lost:
    """A store that is to be taken over: the register found in the folder, which nobody here can hold against more."""

    number: int
    at: str
    by: str


def find_lost(places: Places, path: Path, pin: str, recovery: Holder) -> Lost:
    """Tell which register stands in the folder, before it is taken as the newest.

    Raises:
        AlreadyThereError, KeyInStoreError: a store is configured here; the keys would lie in it.
        BallerupError: 30-33 and 40-43, as on opening.
    """
    _refuse_configured(places, path)
    try:
        register = _with_recovery(places, path, pin, recovery).register
    except NoAnchorError as found:
        return Lost(**{name: found.facts[name] for name in ("number", "at", "by")})  # type: ignore[arg-type]
    return Lost(number=register.number, at=register.at, by=register.by)


def recover(
    places: Places,
    path: Path,
    pin: str,
    recovery: Holder,
    name: str,
    passphrase: str | None,
    *,
    accept: int,
    language: str | None,
    moment: Moment,
) -> Workspace:
    """Put a coordinator in place with the recovery key alone: new keys for a lost one, or somebody new beside them.

    Raises:
        NameTakenError: a member of that name is no coordinator.
        BallerupError: 30-33 and 40-43; the store is as it was.
    """
    if not places.identity.exists():
        make_identity(places, name, passphrase, moment.at)
    me = open_holder(places.identity, lambda: passphrase or "")
    store = _with_recovery(places, path, pin, recovery, accept)
    with writing(store):
        standing = next((member for member in store.roster.current() if member.name == name), None)
        if standing is not None and standing.role != COORDINATOR:
            raise NameTakenError
        if standing is None or standing.signing != me.key.public:  # else a crash came after this was written
            step = JOIN if standing is None else RENEW
            accepted = Taken(given_up=(store.keeper.load() or BLANK).number, taken=accept)
            _write(store, [(step, member_row(name, COORDINATOR, me))], moment, accepted=accepted)
    configure(places, path.absolute(), pin, language)
    return Workspace(Store.open(Folder(path.absolute()), places.keeper(pin), pin, me))


def _with_recovery(places: Places, path: Path, pin: str, recovery: Holder, accept: int = 0) -> Store:
    return Store.open(Folder(path.absolute()), places.keeper(pin), pin, recovery, accept=accept)


# --- one's own key ----------------------------------------------------------------------------------------------------


def change_passphrase(places: Places, old: Callable[[], str], new: str | None, name: str, at: str) -> None:
    """Wrap this user's identity anew; the keys themselves stay.

    Raises:
        WrongKeyError: the old passphrase does not fit; the file stays as it was.
        DiskError: it could not be written; the old one stands.
    """
    holder = open_holder(places.identity, old)
    write_private(places.identity, wrapped(identity_file(holder.identity, name, at), new))


def wants_passphrase(places: Places) -> bool:
    """Tell whether this user's identity is wrapped with a passphrase."""
    return is_wrapped(places.identity)


def drill(workspace: Workspace, recovery: Holder) -> str | None:
    """Open one case, drawn by lot, with the recovery key alone; return its number, None when there is no case.

    Raises:
        WrongKeyError: it is another key.
        BallerupError: the case is damaged or missing.
    """
    tried = Store(workspace.store.folder, workspace.store.keeper, workspace.store.pin, recovery, workspace.store.view)
    numbers = tried.readable()
    number = secrets.choice(numbers) if numbers else None
    tried.records(case_journal(number) if number else JOURNAL)
    return number
