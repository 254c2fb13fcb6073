"""Attack simulator: somebody who can write to the folder, with every public key and every old version of every file.

He also holds the key of a member who left and a stolen watch key. A round is an honest save or two and then a random
sequence of attacks. Everybody then reads all there is. Either it is an alarm of those that docs/format.md gives, or
what is read is exactly one of the honest states, none older than what the reader has seen: provably harmless. And once
the honest files are back, nobody meets an alarm: an attack spoils no anchor.
"""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import replace as changed

from cli_kit import Home
from store_kit import ONE, THREE, TWO, Office, case, found_office, joining, leaving

from ballerup_cli.errors import BallerupError
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.store.commit import Erasure
from ballerup_cli.storage.store.store import case_journal, file_of, pending_name
from proof.calls import call
from proof.tally import Ask, Tally

READERS = ("anna", "bo", "rita", "cron")
FORGERS = ("carl", "cron", "mallory")
"""A member who left, the watch key that was stolen, and an outsider."""
ALARMS = {20, 21, 22, 30, 31, 32, 33, 42}
Files = dict[str, bytes]
Read = dict[str, str]


@dataclass
class Enemy:
    """Who attacks: the folder, the dice, and all that ever lay in the folder."""

    office: Office
    dice: random.Random
    honest: Files
    old: list[Files] = field(default_factory=list)

    def some(self) -> str:
        """A file that is there."""
        return self.dice.choice(sorted(self.office.files()))

    def former(self) -> tuple[str, bytes]:
        """A file of any version there ever was."""
        return self.dice.choice(sorted(self.dice.choice(self.old).items()))

    def flip(self) -> None:
        name = self.some()
        data = bytearray(self.office.files()[name])
        if data:
            data[self.dice.randrange(len(data))] ^= 1 << self.dice.randrange(8)
        self.office.put(name, bytes(data))

    def truncate(self) -> None:
        name = self.some()
        data = self.office.files()[name]
        self.office.put(name, data[: self.dice.randrange(len(data) + 1)])

    def grow(self) -> None:
        name = self.some()
        self.office.put(name, self.office.files()[name] + self.dice.randbytes(self.dice.choice((1, 4096))))

    def drop(self) -> None:
        (self.office.path / self.some()).unlink(missing_ok=True)

    def swap(self) -> None:
        files, (one, two) = self.office.files(), (self.some(), self.some())
        self.office.put(one, files[two])
        self.office.put(two, files[one])

    def roll_back(self) -> None:
        self.office.put(*self.former())

    def roll_all_back(self) -> None:
        for path in self.office.path.iterdir():
            if path.name != ".lock":
                path.unlink()
        for name, data in self.dice.choice(self.old).items():
            self.office.put(name, data)

    def add(self) -> None:
        _, data = self.former()
        drafts = (pending_name(digest(data)), pending_name(digest(b"")), ".x.new")
        self.office.put(self.dice.choice(("2026-0099.yaml.age", file_of(case_journal(THREE)), *drafts)), data)

    def replace(self) -> None:
        """Seal something new to everybody and put it in the place of a file."""
        self.office.put(self.some(), self.office.seal(self.dice.choice((b"", b"# ballerup journal 1\n", b"\0" * 4096))))

    def forge_register(self) -> None:
        """Sign the register that would follow, or the one that stands, with a key that counts for nothing."""
        by = self.dice.choice((*FORGERS, "anna"))
        told = self.office.next_register(by=by)
        if self.dice.random() < 0.5:
            told = changed(told, number=told.number + self.dice.randrange(5))
        self.office.put_register(told, self.dice.choice(FORGERS))

    def forge_entry(self) -> None:
        """Write an entry in somebody's name and a register that names it."""
        name = self.dice.choice(("members", case_journal(ONE), case_journal(TWO), "pladen"))
        signer = self.dice.choice(FORGERS)
        records = self.office.entry(
            name, self.office.records(name), signer, by=self.dice.choice((signer, "anna", "bo"))
        )
        self.office.put_journal(name, records, signer)

    def cut_entry(self) -> None:
        """Take the last entry out and sign a register for what is left."""
        name = self.dice.choice(("members", case_journal(ONE)))
        if len(records := self.office.records(name)) > 1:
            self.office.put_journal(name, records[:-1], self.dice.choice(FORGERS))


ATTACKS: tuple[Callable[[Enemy], None], ...] = (
    *(Enemy.flip, Enemy.truncate, Enemy.grow, Enemy.drop, Enemy.swap, Enemy.roll_back, Enemy.roll_all_back, Enemy.add),
    *(Enemy.replace, Enemy.forge_register, Enemy.forge_entry, Enemy.cut_entry),
)


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Play so many rounds against the office, and a tenth as many against a backup."""
    dice = ask.dice("attacks")
    office = found_office(ask.place / "office")
    states: list[tuple[int, Read]] = []
    enemy = Enemy(office, dice, office.files())
    _remember(enemy, states)
    for save in (
        lambda: office.write("anna", joining("carl"), reseal=True),
        lambda: office.write("anna", leaving("carl"), reseal=True),
    ):
        save()
        _remember(enemy, states)
    for number in range(ask.rounds):
        if number % 10 == 0:
            _work(office, dice, number)
            _remember(enemy, states)
        _attack(enemy, tally, states, number)
    _attack_copies(max(1, ask.rounds // 10), dice, tally, origin.copied(ask.place / "copies"))


def _work(office: Office, dice: random.Random, number: int) -> None:
    """Let somebody write; once, a case is erased."""
    if number == 20:
        office.write("bo", erase=[Erasure(case=THREE, month="2026-11", provision="art. 5")])
    else:
        office.write(dice.choice(("anna", "bo")), case(dice.choice((ONE, TWO)), f"Set {number}", step="note"))
    for who in dice.sample(READERS, 2):  # the others have seen less
        _read(office, who)


def _remember(enemy: Enemy, states: list[tuple[int, Read]]) -> None:
    enemy.honest = enemy.office.files()
    enemy.old.append(enemy.honest)
    states.append((enemy.office.register().number, _read(enemy.office, "anna")))


def _read(office: Office, who: str) -> Read:
    """Read all that somebody can: for each journal the digest of its end."""
    store = office.open(who)
    for alarm in store.alarms():
        raise alarm
    if who == "cron":
        for name in sorted(store.register.journals):
            store.check_file(name)
    else:
        assert all(len(store.entries(name)) == row.entries for name, row in store.register.journals.items())
    return {name: row.head for name, row in store.register.journals.items()}


def _attack(enemy: Enemy, tally: Tally, states: list[tuple[int, Read]], number: int) -> None:
    told = []
    for attack in enemy.dice.choices(ATTACKS, k=enemy.dice.choice((1, 1, 1, 2, 3, 5))):
        try:
            attack(enemy)
            told.append(attack.__name__)
        except (BallerupError, FileNotFoundError, IndexError, KeyError, ValueError):
            continue  # what he would build on lies in ruins already
    for who in READERS:
        anchor = enemy.office.keeper(who).load()
        seen = anchor.number if anchor else 0
        try:
            found = _read(enemy.office, who)
        except BallerupError as alarm:
            tally.count("alarms")
            tally.expect(alarm.exit_code in ALARMS, "exit code", number, told, who, type(alarm).__name__)
            continue
        tally.count("harmless readings")
        tally.expect(any(at >= seen and found == then for at, then in states), "unnoticed", number, told, who)
    tally.count("attacks", len(told))
    tally.count("sequences")
    _restore(enemy)
    for who in READERS:
        try:
            found = _read(enemy.office, who)
            tally.expect(found == states[-1][1], "not what was written", number, told, who)
        except BallerupError as alarm:
            tally.broke("false alarm once the files are back", number, told, who, type(alarm).__name__)


def _restore(enemy: Enemy) -> None:
    for path in enemy.office.path.iterdir():
        if path.name != ".lock":
            path.unlink()
    for name, data in enemy.honest.items():
        enemy.office.put(name, data)


def _attack_copies(rounds: int, dice: random.Random, tally: Tally, home: Home) -> None:
    """Damage a backup in a random place; proving it tells, or nothing was damaged."""
    copy = home.path / "usb"
    assert call(home, "backup", copy).code == 0
    kept = {path: path.read_bytes() for path in copy.iterdir() if path.name != ".lock"}
    for number in range(rounds):
        path = dice.choice(sorted(kept))
        data = bytearray(kept[path])
        data[dice.randrange(len(data))] ^= 1
        other = kept[dice.choice(sorted(kept))]
        path.write_bytes(dice.choice((bytes(data), b"", bytes(data[:100]), other)))
        code = call(home, "restore", copy, "--prove").code
        whole = path.read_bytes() == kept[path]
        tally.expect((code == 0) == whole and code in {0, *ALARMS}, "hostile backup", number, path.name, code)
        tally.count("hostile backups")
        path.write_bytes(kept[path])
    shutil.rmtree(home.path)
