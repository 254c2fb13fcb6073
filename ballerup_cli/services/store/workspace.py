"""The composition root: one user's open store with vocabulary, settings, Pladen and calendar at hand.

It reads and writes the configuration. What is done with a store belongs to the other services.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.network import JOURNALS, PLADEN, Network, fold_network
from ballerup_cli.core.network.pladen import Pladen, fold_pladen
from ballerup_cli.core.profile import PROFILE
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import (
    BadConfigurationError,
    BallerupError,
    MissingFileError,
    NoIdentityError,
    NotConfiguredError,
    RecordBreaksSchemaError,
    StoreAwayError,
    WrongKeyError,
)
from ballerup_cli.services.store.identity import Places, open_holder, stamp
from ballerup_cli.storage import computed
from ballerup_cli.storage.files import Folder, read_file, write_private
from ballerup_cli.storage.store.as_of import Earlier
from ballerup_cli.storage.store.journal import CASE
from ballerup_cli.storage.store.store import Holder, Store, file_of
from ballerup_cli.storage.text import codec, schema
from ballerup_cli.storage.text.schema import layered
from ballerup_cli.values import value

SETTINGS = "settings"


@value
class Configuration:
    """What a user's configuration says: his store, the identity it is pinned to, his language."""

    store: Path
    pin: str
    language: str | None = None


Watch = Callable[[Iterable[Any], int], Iterable[Any]]
"""Shows, of so many things, how many have gone by."""


def _unwatched(things: Iterable[Any], _count: int) -> Iterable[Any]:
    return things


class Workspace:
    """An open store and what is needed to work in it; each part is read when it is first wanted."""

    def __init__(self, store: Store, cache: Path | None = None) -> None:
        """Take a store; ``cache`` is this user's folder for what is worked out from it, None keeps nothing."""
        self.store, self.cache = store, cache
        self.watched: Watch = _unwatched
        self.noticed: dict[str, BallerupError] = {}
        """What is wrong with single cases, by file: named, and no reason to stop."""
        self.left_out: set[str] = set()
        """The files of cases that are not in what was just listed or counted, because they cannot be read."""

    def notice(self, wrong: BallerupError) -> None:
        """Keep what is wrong with one file, so that it is named; others go on."""
        self.noticed.setdefault(str(wrong.facts["file"]), wrong)

    def leave_out(self, wrong: BallerupError) -> None:
        """Keep what is wrong with a case that is left out."""
        self.noticed[str(wrong.facts["file"])] = wrong
        self.left_out.add(str(wrong.facts["file"]))

    def refuse_left_out(self) -> None:
        """Refuse what is for good, or leaves the house, while a case cannot be read.

        Raises:
            BallerupError: what is wrong with the first of them.
        """
        for file in sorted(self.left_out):
            raise self.noticed[file]

    def check_files(self) -> None:
        """Compare every file with the digest in the register; each that is not what was written is noticed."""
        for name in sorted(self.store.register.journals):
            try:
                self.store.check_file(name)
            except BallerupError as wrong:
                self.leave_out(wrong)

    def as_of(self, day: date) -> "Workspace":
        """Return the store as it was known on a day, to be read only."""
        return Workspace(Earlier(self.store, day.isoformat()))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The codes with their labels."""
        return Vocabulary.from_dict(schema.vocabulary())

    @cached_property
    def pladen(self) -> Pladen:
        """The network as it stands."""
        from ballerup_cli.services.store.soundness import folded  # not for cron's line

        return folded(fold_pladen, self.entries(PLADEN))

    @cached_property
    def network(self) -> Network:
        """Pladen with its activities, and the plans adopted."""
        journals = self.journals
        try:
            return fold_network(journals)
        except (LookupError, TypeError, ValueError):
            from ballerup_cli.services.store.soundness import fitting

            for name, entries in journals.items():
                others = {**journals, **{other: [] for other in journals if other not in (name, PLADEN)}}
                alone = partial(_network_with, others, name)
                journals = {**journals, name: fitting(alone, entries)}
            return fold_network(journals)

    def entries(self, name: str) -> list[Entry]:
        """Return the entries of a journal that is about no case; signed nonsense in it is noticed, and not there.

        Raises:
            BallerupError: the journal is missing, damaged or forged.
        """
        from ballerup_cli.services.store.soundness import is_sound

        sound: list[Entry] = []
        for item in self.store.readable_entries(name):
            if isinstance(item, Entry) and is_sound(name, item):
                sound.append(item)
            elif isinstance(item, Entry):
                self.notice(RecordBreaksSchemaError(file=file_of(name), entry=item.number))
            else:
                self.notice(item)
        return sound

    @property
    def journals(self) -> dict[str, list[Entry]]:
        """The journals of the network that there are."""
        return {name: self.entries(name) for name in JOURNALS if name in self.store.register.journals}

    def speak(self) -> None:
        """Let the program speak this municipality's words, as far as this key opens its settings."""
        with suppress(BallerupError):
            sets = [_words(entry.body["set"]) for entry in self.entries(SETTINGS)]
            schema.speak(sets)
            computed.keep(f"words {self.store.pin}", sets)

    @cached_property
    def own_settings(self) -> Mapping[str, Any]:
        """What this municipality has set; what it set back to nothing is not in it."""
        body: Mapping[str, Any] = {}
        for entry in self.entries(SETTINGS):
            body = layered(body, entry.body["set"])
        return without_none(body)

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """The shipped defaults, overlaid by what this municipality has set."""
        return layered(schema.defaults(), self.own_settings)


def speak_as_before(configuration: Configuration | None) -> None:
    """Speak the words of the configured store as they were known here last: before it is opened, or without its key."""
    known = computed.kept(f"words {configuration.pin}") if configuration else None
    schema.speak(known or [])


def _words(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of a setting is a word of the program: no person is named in it."""
    return {name: body[name] for name in ("municipality", "authorities", PROFILE) if name in body}


def is_of_a_case(wrong: BallerupError) -> bool:
    """Tell whether what is wrong is the file of one case, beside which everything else goes on."""
    return _CASE_FILE.fullmatch(str(wrong.facts.get("file", ""))) is not None


_CASE_FILE = re.compile(f"{CASE}\\.yaml\\.age")


def _network_with(journals: Mapping[str, list[Entry]], name: str, entries: Sequence[Entry]) -> Network:
    return fold_network({**journals, name: entries})


def read_configuration(places: Places) -> Configuration | None:
    """Return the configuration, or None when there is none yet.

    Raises:
        BadConfigurationError: it is there and cannot be understood.
    """
    try:
        values = computed.decoded(read_file(places.configuration, limit=1 << 16))
    except MissingFileError:
        return None
    except ValueError:
        raise BadConfigurationError(file=str(places.configuration)) from None
    with suppress(KeyError, TypeError):
        return Configuration(store=Path(values["store"]), pin=values["pin"], language=values.get("language"))
    raise BadConfigurationError(file=str(places.configuration))


def configured_store(places: Places) -> Path:
    """Return where the configured store lies, or lay.

    Raises:
        NotConfiguredError: none is configured.
    """
    configuration = read_configuration(places)
    if configuration is None:
        raise NotConfiguredError
    return configuration.store


OpenKey = Callable[[Path, Callable[[], str]], Holder]


def open_workspace(
    places: Places,
    *,
    folder: Path | None,
    identity: Path | None,
    passphrase: Callable[[], str],
    accept: int = 0,
    as_copy: bool = False,
    as_store: bool = False,
    open_key: OpenKey = open_holder,
) -> Workspace:
    """Open the configured store, or ``folder``, which holds a copy of it to be read.

    ``as_copy`` is a copy that may be brought back; ``as_store`` one that is to be the store. ``accept`` is the number
    of a register to be taken as the newest, whatever was seen here before.

    Raises:
        NotConfiguredError, NoStoreError: none is configured; the folder does not exist, or its disk is away.
        BallerupError: 30-33 and 40-43, as docs/format.md says.
    """
    configuration = read_configuration(places)
    if configuration is None:
        raise NotConfiguredError
    path, pin = folder or configuration.store, configuration.pin
    copy = as_copy or not (as_store or is_same(path, configuration.store))  # the configured path alone is the store

    cache = places.cache and places.cache / pin

    def opened(key: Path) -> Workspace:
        holder = open_key(key, passphrase)
        body: dict[str, Any] = {"copy": copy, "with_erased": as_copy, "accept": accept}
        workspace = Workspace(Store.open(Folder(path), places.keeper(pin), pin, holder, **body), cache)
        workspace.speak()
        return workspace

    if folder is None and _is_away(path):
        raise StoreAwayError(path=str(path))
    before = stamp(places.identity)
    try:
        return opened(identity or places.identity)
    except WrongKeyError:
        if identity or not (places.next_identity.exists() or stamp(places.identity) != before):
            raise
    # Keys are being renewed, and the store knows the new ones already: in another window, or up to a crash.
    try:
        workspace = opened(places.next_identity)
    except NoIdentityError:  # they are in place by now
        return opened(places.identity)
    places.adopt_next()
    return workspace


def _is_away(path: Path) -> bool:
    """Tell whether a configured store is not there; an empty folder is where a disk would be mounted."""
    try:
        return not any(path.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # whoever opens it will say why


def configure(places: Places, store: Path, pin: str, language: str | None) -> None:
    """Write the user's configuration: his store, and the identity it is pinned to.

    Raises:
        DiskError: it could not be written.
    """
    body = {"store": str(store), "pin": pin, **({"language": language} if language else {})}
    write_private(places.configuration, codec.encode(body))


def adopt(places: Places, store: Path) -> None:
    """Make another folder the configured store.

    Raises:
        NotConfiguredError, DiskError: none was configured; it could not be written.
    """
    configuration = read_configuration(places)
    if configuration is None:
        raise NotConfiguredError
    configure(places, store, configuration.pin, configuration.language)


def is_same(path: Path, other: Path) -> bool:
    """Tell whether two paths are one folder."""
    return path.resolve() == other.resolve()


def without_none(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a mapping without what is set to nothing, at every depth."""
    kept = {name: without_none(value) if isinstance(value, Mapping) else value for name, value in body.items()}
    return {name: value for name, value in kept.items() if value is not None}
