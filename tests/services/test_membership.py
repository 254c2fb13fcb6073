"""People come, go, renew their keys and take over: from several machines, with one store and nothing lost."""

import json
import shutil
from pathlib import Path

import invented
import pexpect
import pytest
from cli_kit import PROGRAM, WRITTEN, Home, once
from store_kit import person, row
from test_members import folded, founded, names, then

from ballerup_cli.core.words import COUNT, WORDS, spoken
from ballerup_cli.errors import DiskError, WrongKeyError
from ballerup_cli.services.keys import membership
from ballerup_cli.services.store.identity import Places, open_holder
from ballerup_cli.services.upkeep import audit
from ballerup_cli.storage.crypto.age import unseal
from ballerup_cli.storage.store import commit as commits
from ballerup_cli.storage.store.commit import commit, writing
from ballerup_cli.storage.store.members import JOIN, LEAVE, RENEW, BadJournalError
from ballerup_cli.storage.store.store import REGISTER

NOTE = {"text": "Lærken ringede igen."}


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Path:
    """A store with one case, so that sealing everything anew takes no time."""
    return once(tmp_path_factory, "small", _small)


def _small(path: Path) -> None:
    home = Home.make(path)
    home.ok("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", path / "recovery.txt")
    home.ok("create", "--from", "-", typed=json.dumps(invented.create()))


@pytest.fixture
def anna(small, place) -> Home:
    return Home(small).copied(place / "anna")


def newcomer(anna: Home, name: str, role: str = "coordinator") -> Home:
    """Somebody at a machine of his own, who is added by anna and joins."""
    home = Home.make(anna.path.parent / name)
    card = home.ok("keys", "new", "--as", name, "--no-passphrase")
    code = anna.ok("members", "add", "--from", "-", "--role", role, "--yes", typed=card)
    home.ok("members", "join", anna.store, "--from", "-", typed=code)
    return home


def identity(home: Home):
    return open_holder(home.identity, lambda: "").identity


def opened(home: Home, key) -> set[str]:
    """The files of a store that one key opens."""
    found = set()
    for file in home.sealed():
        try:
            unseal(file.read_bytes(), [key])
            found.add(file.name)
        except WrongKeyError:
            pass
    return found


def all_files(home: Home) -> set[str]:
    return {file.name for file in home.sealed()}


# --- fingerprints -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
def test_each_byte_has_its_own_word(language):
    assert len({*WORDS[language]}) == len(WORDS[language]) == 256
    assert all(word.isalpha() and word.islower() for word in WORDS[language])
    assert len({spoken(bytes([byte] * COUNT), language) for byte in range(256)}) == 256
    assert len(spoken(bytes(32), language).split()) == COUNT == 10


def test_both_sides_read_the_same_words(anna):
    home = Home.make(anna.path.parent / "bodil")
    made = home.run("keys", "new", "--as", "bodil", "--no-passphrase")
    asked = anna.run("members", "add", "--from", "-", "--yes", typed=made.out)
    (theirs,) = [line for line in made.err.splitlines() if "fingerprint" in line]
    assert theirs in asked.err.splitlines()


def test_a_card_of_other_keys_has_other_words(anna):
    one, two = (Home.make(anna.path.parent / name) for name in ("bodil", "carl"))
    words = [home.run("keys", "new", "--as", "bodil", "--no-passphrase").err.splitlines()[0] for home in (one, two)]
    assert words[0] != words[1]


# --- coming and going -------------------------------------------------------------------------------------------------


def test_a_second_coordinator_works_beside_the_first(anna):
    bodil = newcomer(anna, "bodil")
    assert bodil.write("note", "2026-0001", NOTE).code == 0
    assert anna.write("note", "2026-0001", NOTE).code == 0
    assert [entry["by"] for entry in bodil.show("2026-0001")["entries"]][-2:] == ["bodil", "anna"]
    assert bodil.ok("verify")
    rows = json.loads(anna.ok("members", "list", "--format", "json"))
    assert [(row["name"], row["role"], row["me"]) for row in rows] == [
        ("anna", "coordinator", True),
        ("recovery", "recovery", False),
        ("bodil", "coordinator", False),
    ]


def test_a_reader_reads_and_does_not_write(anna):
    reader = newcomer(anna, "dorte", "reader")
    assert reader.show("2026-0001")["case"] == "2026-0001"
    assert reader.write("note", "2026-0001", NOTE).code == 30
    reader.fails(30, "members", "remove", "anna", "--yes")
    reader.fails(30, "keys", "rotate", "--yes")


def test_the_watch_key_sees_deadlines_and_opens_no_case(anna):
    watch = newcomer(anna, "vagt", "watch")
    assert watch.run("due", "--check").code == 3
    due = ("due", "--format", "json")
    assert watch.ok(*due) == anna.ok(*due)
    assert opened(anna, identity(watch)) == {REGISTER, "members.yaml.age"}
    watch.fails(30, "show", "2026-0001")
    watch.fails(30, "list")
    assert watch.write("note", "2026-0001", NOTE).code == 30
    assert opened(anna, identity(watch)) == {REGISTER, "members.yaml.age"}, "nor after others have written"


def test_who_leaves_opens_nothing_any_more_and_signs_nothing(anna):
    bodil = newcomer(anna, "bodil")
    kept = {file.name: file.read_bytes() for file in anna.sealed()}
    anna.ok("members", "remove", "bodil", "--yes")
    assert opened(anna, identity(bodil)) == set()
    bodil.fails(30, "list")
    for name, data in kept.items():
        (anna.store / name).write_bytes(data)
    anna.fails(32, "list")  # bodil puts back the store in which he was a member, to take it over from there
    assert bodil.write("note", "2026-0001", NOTE).code == 0
    anna.fails(32, "list")


@pytest.mark.parametrize("name", ["anna", "recovery", "nobody"])
def test_a_store_is_not_left_without_a_coordinator_or_recovery_key(anna, name):
    anna.fails(2, "members", "remove", name, "--yes")


def test_somebody_comes_once(anna):
    bodil = newcomer(anna, "bodil")
    card = Home.make(anna.path.parent / "other").ok("keys", "new", "--as", "bodil", "--no-passphrase")
    anna.fails(2, "members", "add", "--from", "-", "--yes", typed=card)
    bodil.fails(2, "keys", "new", "--as", "bodil", "--no-passphrase")
    bodil.fails(2, "members", "join", anna.store, "--from", "-", typed="ballerup-join-1:e30=")


@pytest.mark.parametrize("card", ["", "nonsense", "{}", "name: bodil\nrecipient: age1pq1qqqq\nsigning: ed25519:AA=="])
def test_what_is_no_card_changes_nothing(anna, card):
    anna.fails(2, "members", "add", "--from", "-", "--yes", typed=card)


@pytest.mark.parametrize("code", ["", "ballerup-join-1:", "ballerup-join-1:e30=", "ballerup-join-1:æ"])
def test_what_is_no_code_changes_nothing(anna, code):
    home = Home.make(anna.path.parent / "bodil")
    home.ok("keys", "new", "--as", "bodil", "--no-passphrase")
    home.fails(2, "members", "join", anna.store, "--from", "-", typed=code)


def test_nobody_is_added_without_being_asked(anna):
    card = Home.make(anna.path.parent / "bodil").ok("keys", "new", "--as", "bodil", "--no-passphrase")
    assert "fingerprint" in anna.fails(2, "members", "add", "--from", "-", typed=card)


def test_whoever_sends_the_code_to_a_file_is_asked_all_the_same(anna, tmp_path):
    """Both are typed as the README says: the card and the code go to files, the questions to the terminal."""
    phrase, home = "en lang sætning", Home.make(anna.path.parent / "bodil")
    (tmp_path / "phrase").write_text(f"{phrase}\n")
    (tmp_path / "phrase").chmod(0o600)
    anna.ok("keys", "passphrase", "--new-passphrase-file", tmp_path / "phrase")
    (tmp_path / "bodil.yaml").write_text(home.ok("keys", "new", "--as", "bodil", "--no-passphrase"))
    call = f"{PROGRAM} members add --from {tmp_path}/bodil.yaml > {tmp_path}/code.txt"
    child = pexpect.spawn("bash", ["-c", call], env=anna.environ(), encoding="utf-8", timeout=30)
    child.expect(r"\[y/N\]")
    child.sendline("y")
    child.expect("passphrase:")
    child.sendline(phrase)
    child.expect(pexpect.EOF)
    assert child.wait() == 0
    home.ok("members", "join", anna.store, "--from", tmp_path / "code.txt")


def test_a_code_says_how_new_the_store_must_be(anna):
    before = anna.path.parent / "before"
    shutil.copytree(anna.store, before)
    home = Home.make(anna.path.parent / "bodil")
    card = home.ok("keys", "new", "--as", "bodil", "--no-passphrase")
    code = anna.ok("members", "add", "--from", "-", "--yes", typed=card)
    assert home.run("members", "join", before, "--from", "-", typed=code).code in (30, 32)
    assert not (home.path / "config" / "config.yaml").exists()
    home.ok("members", "join", anna.store, "--from", "-", typed=code)


# --- renewing ---------------------------------------------------------------------------------------------------------


def test_new_keys_open_everything_and_old_ones_nothing(anna):
    old, before = identity(anna), all_files(anna)
    anna.ok("keys", "rotate", "--yes")
    assert opened(anna, identity(anna)) == all_files(anna) == before
    assert opened(anna, old) == set()
    assert anna.ok("verify")
    assert anna.write("note", "2026-0001", NOTE).code == 0
    assert not (anna.path / "config" / "identity-next.age").exists()


def test_a_wrapped_key_stays_wrapped(anna, tmp_path):
    file = tmp_path / "phrase"
    file.write_text("en lang sætning\n")
    file.chmod(0o600)
    anna.ok("keys", "passphrase", "--new-passphrase-file", file)
    anna.fails(30, "list")
    given = ("--passphrase-file", file)
    anna.ok(*given, "keys", "rotate", "--yes")
    anna.fails(30, "list")
    assert anna.ok(*given, "verify")
    anna.ok(*given, "keys", "passphrase", "--no-passphrase")
    assert anna.ok("verify")


def test_a_renewal_is_finished_wherever_it_was_cut_off(small, place, monkeypatch):
    """Power goes at each operation of the save in turn: one key or the other opens the store, and work goes on."""
    for stop in range(60):
        home = Home(small).copied(place / f"cut-{stop}")
        done = _rotate_until(home, stop, monkeypatch)
        workspace = home.workspace()
        assert [*audit.verify(workspace)] == [], stop
        with writing(workspace.store):
            commit(workspace.store, [], at=WRITTEN.at)
        assert opened(home, identity(home)) == all_files(home)
        if done:
            break
    assert done
    assert stop > 10


def _rotate_until(home: Home, stop: int, monkeypatch) -> bool:
    """Renew the keys until so many operations on the folder are done; a power cut runs no clean-up."""
    count = 0

    class PowerCut(BaseException):
        pass

    def counted(real):
        def call(*args, **named):
            nonlocal count
            count += 1
            if count > stop:
                raise PowerCut
            return real(*args, **named)

        return call

    workspace = home.workspace()
    places = Places(config=home.path / "config", state=home.path / "state")
    with monkeypatch.context() as patched:
        for name in ("create", "rename", "sync"):
            patched.setattr(commits.Folder, name, counted(getattr(commits.Folder, name)))
        patched.setattr(commits, "_discard", lambda *_: None)
        try:
            membership.rotate(workspace, places, None, WRITTEN)
        except (PowerCut, DiskError):
            return False
    return True


def test_copies_that_the_old_key_alone_opens_are_named(anna, tmp_path):
    anna.ok("backup", tmp_path / "copy")
    told = anna.run("keys", "rotate", "--yes").err
    assert str(tmp_path / "copy") in told
    anna.fails(30, "restore", tmp_path / "copy", "--yes")


def test_keys_that_are_not_ones_own_are_not_renewed(anna):
    bodil = newcomer(anna, "bodil")
    anna.fails(30, "--identity", bodil.identity, "keys", "rotate", "--yes")


def test_nothing_is_renewed_without_being_asked(anna):
    anna.fails(2, "keys", "rotate")


def test_a_renewal_keeps_the_role_and_is_signed_by_a_keeper():
    records = then(founded("anna"), JOIN, row("dorte", "reader"))
    new = row("dorte", "reader", signing=person("dorte anew").key.public)
    roster = folded(then(records, RENEW, new, register=5))
    assert names(roster) == ["anna", "recovery", "dorte"]
    assert roster.named(person("dorte").key.public) is None
    assert roster.named(person("dorte anew").key.public).role == "reader"
    for wrong in (row("dorte"), row("carl")):
        with pytest.raises(BadJournalError, match="not possible"):
            folded(then(records, RENEW, wrong, register=5))
    with pytest.raises(BadJournalError, match="no valid signature"):
        folded(then(records, RENEW, new, by="dorte", register=5))
    gone = then(records, LEAVE, {"name": "dorte"}, register=5)
    with pytest.raises(BadJournalError, match="not possible"):
        folded(then(gone, RENEW, new, register=6))


# --- the recovery key -------------------------------------------------------------------------------------------------


def test_a_lost_only_coordinator_is_replaced_with_the_paper_alone(anna):
    cecilie, lost = Home.make(anna.path.parent / "cecilie"), identity(anna)
    recovery, pin = anna.path / "recovery.txt", anna.anchor.parent.name
    taken = ("members", "recover", anna.store, "--recovery-file", recovery, "--pin", pin, "--as", "cecilie")
    cecilie.fails(2, *taken, "--no-passphrase")
    cecilie.ok(*taken, "--no-passphrase", "--yes")
    assert cecilie.ok("verify")
    cecilie.ok("members", "remove", "anna", "--yes")
    assert opened(anna, lost) == set()
    assert cecilie.write("create", None, invented.create()).code == 0
    cecilie.ok("keys", "rotate", "--recovery", cecilie.path / "paper.txt", "--yes")
    assert opened(anna, open_holder(recovery, lambda: "").identity) == set()
    cecilie.ok("keys", "drill", "--recovery-file", cecilie.path / "paper.txt")
    assert "last proved on" in cecilie.run("keys", "show").err


def test_a_lost_key_is_replaced_under_the_same_name(anna):
    home, old = Home.make(anna.path.parent / "again"), identity(anna)
    recovery, pin = anna.path / "recovery.txt", anna.anchor.parent.name
    taken = ("members", "recover", anna.store, "--recovery-file", recovery, "--pin", pin, "--as", "anna")
    home.ok(*taken, "--no-passphrase", "--yes")
    assert home.write("note", "2026-0001", NOTE).code == 0
    assert opened(anna, old) == set()
    assert home.show("2026-0001")["entries"][0]["by"] == "anna"


def test_a_new_recovery_key_never_lies_beside_the_records(anna):
    anna.fails(2, "keys", "rotate", "--recovery", anna.store / "paper.txt", "--yes")
    anna.fails(2, "keys", "rotate", "--recovery", anna.path / "recovery.txt", "--yes")


def test_a_recovery_key_that_was_not_taken_up_is_not_left_to_be_locked_away(anna, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    workspace, paper = anna.workspace(), anna.path / "paper.txt"
    with monkeypatch.context() as patched:
        patched.setattr(commits.Folder, "create", full)
        with pytest.raises(DiskError):
            membership.rotate_recovery(workspace, paper, WRITTEN)
    assert not paper.exists()
    anna.ok("keys", "drill", "--recovery-file", anna.path / "recovery.txt")


def test_keys_that_would_lie_in_the_store_join_nothing(anna):
    home = Home.make(anna.path.parent / "bodil")
    inside = {"BALLERUP_CONFIG_DIR": str(anna.store / "config")}
    card = home.ok("keys", "new", "--as", "bodil", "--no-passphrase", **inside)
    code = anna.ok("members", "add", "--from", "-", "--yes", typed=card)
    home.fails(2, "members", "join", anna.store, "--from", "-", typed=code, **inside)


def test_another_key_is_not_the_recovery_key(anna):
    bodil = newcomer(anna, "bodil")
    other = Home.make(anna.path.parent / "other")
    other.ok("keys", "new", "--as", "other", "--no-passphrase")
    anna.fails(30, "keys", "drill", "--recovery-file", other.identity)
    stranger, pin = Home.make(anna.path.parent / "stranger"), anna.anchor.parent.name
    taken = ("members", "recover", anna.store, "--pin", pin, "--as", "mallory", "--no-passphrase", "--yes")
    assert stranger.run(*taken, "--recovery-file", other.identity).code == 30
    assert bodil.ok("verify")
