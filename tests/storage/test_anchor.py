"""What one user has seen: which registers he takes as following it, and how it is kept."""

import json
import os
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_kit import AT

from ballerup_cli.errors import (
    CannotReadError,
    DiskError,
    ForkError,
    NoAnchorError,
    RollbackError,
    UnsafePermissionsError,
    WentBackError,
)
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.store.anchor import BLANK, Anchor, AnchorFile, next_numbers
from ballerup_cli.storage.store.members import Roster
from ballerup_cli.storage.store.register import GoingBack, Row, blank

STORE = "5" * 64
BACK = GoingBack(number=5, given_up=4, taken=2, at=AT, by="bo", case=None, lost={"2026-0001": 2})
HEADS = tuple(digest(bytes([number])) for number in range(5))


def roster(count=2):
    return Roster((), HEADS[:count])


def history(*signers, start=None, erased=(), at=AT):
    """Return the registers that these signers write, one on top of the other."""
    chain = [start] if start else []
    for by in signers:
        old = chain[-1] if chain else blank(STORE)
        last = {old.by: (old.number, old.digest)} if old.number else {}
        chain.append(
            replace(
                old, number=old.number + 1, previous=old.digest if old.number else "", at=at, by=by,
                seen={**old.seen, **last}, erased={**old.erased, **dict.fromkeys(erased, ("2026-11", "x"))},
            )
        )  # fmt: skip
    return chain


def anchored(register, count=2, anchor=BLANK):
    return anchor.moved(register, roster(count))


def judged(anchor, register, me="anna", count=2):
    try:
        anchor.check(register, roster(count), me)
    except (ForkError, RollbackError, NoAnchorError) as error:
        return type(error)
    return None


@given(st.lists(st.sampled_from(["anna", "bo", "carl"]), min_size=1, max_size=8), st.data())
def test_every_later_register_of_the_same_history_follows(signers, data):
    chain = history(*signers)
    seen = data.draw(st.integers(0, len(chain) - 1))
    later = data.draw(st.integers(seen, len(chain) - 1))
    # Anna's own last register is in her anchor: she writes nothing that her anchor has not seen.
    me = "anna" if "anna" not in signers[seen + 1 : later + 1] else "watch"
    assert judged(anchored(chain[seen]), chain[later], me) is None


@given(st.lists(st.sampled_from(["anna", "bo"]), min_size=2, max_size=6), st.data())
def test_every_earlier_register_is_a_rollback(signers, data):
    chain = history(*signers)
    seen = data.draw(st.integers(1, len(chain) - 1))
    assert judged(anchored(chain[seen]), chain[data.draw(st.integers(0, seen - 1))], "watch") is RollbackError


people = st.sampled_from(["anna", "bo", "carl"])


@given(
    st.lists(people, min_size=1, max_size=3),
    st.lists(people, min_size=1, max_size=4),
    st.lists(people, min_size=1, max_size=4),
)
def test_no_register_of_another_branch_follows_even_for_those_who_never_write(common, here, there):
    trunk = history(*common)
    mine = history(*here, start=trunk[-1])[1:]
    other = history(*there, start=trunk[-1], at="2026-11-23T09:00:00+01:00")[1:]
    signers_here, anchor = {one.by for one in mine}, anchored(mine[-1])
    for register in other:
        verdict = judged(anchor, register, "watch")
        if register.number < anchor.number:
            assert verdict is RollbackError
        elif (
            register.by not in signers_here and not signers_here & {one.by for one in other}
        ) or register.number == anchor.number:
            assert verdict is ForkError


def test_the_same_number_with_another_digest_is_a_fork():
    (one,) = history("bo")
    assert judged(anchored(one), replace(one, at=AT.replace("10:", "11:"))) is ForkError


def test_the_next_number_names_the_one_before():
    one, two = history("bo", "bo")
    assert judged(anchored(one), replace(two, previous=digest(b"x"))) is ForkError


def test_my_own_last_register_is_exactly_the_one_i_remember():
    chain = history("anna", "bo", "anna", "bo", "bo")
    assert judged(anchored(chain[1]), chain[4]) is ForkError  # somebody wrote chain[2] in my name
    assert judged(anchored(chain[1]), chain[4], "watch") is None
    assert judged(anchored(chain[2]), chain[4]) is None


def test_a_save_under_way_may_have_become_my_last_one():
    chain = history("anna", "bo", "anna", "bo")
    pending = (3, chain[2].digest)
    before = replace(anchored(chain[1]), pending=pending)
    assert judged(before, chain[2]) is None
    assert judged(before, chain[3]) is None
    assert (
        judged(before, history("bo", "bo", start=chain[1])[-1]) is None
    )  # or not: then my last one is still the old one
    assert judged(replace(before, pending=(3, digest(b"x"))), chain[3]) is ForkError


def test_a_save_under_way_is_remembered_until_the_register_has_passed_it():
    chain = history("anna", "bo", "anna", "bo")
    pending = (3, chain[2].digest)
    anchor = replace(anchored(chain[0]), pending=pending)
    assert anchored(chain[1], anchor=anchor).pending == pending
    assert anchored(chain[2], anchor=anchor).pending is None
    assert anchored(chain[3], anchor=anchor).pending is None


def test_whoever_saw_what_was_given_up_is_told_of_the_going_back():
    chain = history("bo", "bo", "bo", "bo")
    back = replace(history("bo", start=chain[1])[-1], number=5, accepted=(BACK,))
    assert [judged(anchored(seen), back) for seen in chain] == [None, None, WentBackError, WentBackError]
    after = history("bo", start=back)[-1]
    assert judged(anchored(back), back) is judged(anchored(back), after) is None, "who has taken it is told once"
    assert judged(anchored(chain[3]), after) is WentBackError, "and who comes later hears of it too"


def test_a_going_back_is_never_forgotten():
    back = replace(history("bo", "bo")[-1], number=5, accepted=(BACK,))
    after = history("bo", start=back)[-1]
    assert judged(anchored(back), after) is None
    assert judged(anchored(back), replace(after, accepted=())) is ForkError
    more = replace(after, accepted=(BACK, BACK._replace(number=6, case="2026-0001")))
    assert judged(anchored(back), more) is None, "one case that was brought back stops nobody"


def test_who_was_writing_a_going_back_down_knows_of_it():
    chain = history("bo", "bo", "bo", "bo")
    back = replace(history("bo", start=chain[1])[-1], number=5, accepted=(BACK,))
    for pending, verdict in (((5, back.digest), None), ((5, digest(b"x")), WentBackError), (None, WentBackError)):
        assert judged(replace(anchored(chain[3]), pending=pending), back, "bo") is verdict


def test_the_member_journal_only_grows():
    one, two = history("bo", "bo")
    assert judged(anchored(one, 2), two, count=3) is None
    assert judged(anchored(one, 3), two, count=2) is ForkError
    anchor = anchored(one, 2)
    with pytest.raises(ForkError):
        anchor.check(two, Roster((), (HEADS[0], HEADS[4])), "anna")


def test_what_is_erased_stays_erased():
    (one,) = history("bo", erased=["2026-0001"])
    two = history("bo", start=one)[-1]
    assert judged(anchored(one), two) is None
    assert judged(anchored(one), replace(two, erased={})) is ForkError


def test_who_has_seen_nothing_takes_only_what_he_was_writing_himself():
    one, two = history("anna", "anna")
    founding = replace(BLANK, pending=(1, one.digest))
    assert judged(founding, one) is None
    assert judged(founding, two) is NoAnchorError
    assert judged(BLANK, one) is NoAnchorError


def test_whoever_has_seen_nothing_is_told_of_the_register_and_its_day():
    with pytest.raises(NoAnchorError) as refused:
        BLANK.check(history("bo")[0], roster(2), "anna")
    day = history("bo")[0].at[:10]
    assert refused.value.facts == {"number": 1, "at": day, "by": "bo"} and len(day) == 10


def test_case_numbers_are_never_given_twice():
    row = Row(now=digest(b"x"), was="", entries=1, head=digest(b"y"), state=None)
    register = replace(
        blank(STORE), journals={"cases/2026-0007": row, "pladen": row}, erased={"2025-0030": ("2026-01", "x")}
    )
    assert next_numbers(register, {}) == {"2026": 8, "2025": 31}
    assert next_numbers(register, {"2026": 12, "2024": 3}) == {"2026": 12, "2025": 31, "2024": 3}
    assert next_numbers(register, {"2026": 2}) == {"2026": 8, "2025": 31}


# --- the file ---------------------------------------------------------------------------------------------------------


FULL = Anchor(
    number=7,
    digest=digest(b"7"),
    seen={"anna": (7, digest(b"7")), "bo": (5, digest(b"5"))},
    pending=(8, digest(b"8")),
    members=(3, digest(b"m")),
    erased={"2026-0003": ("2026-11", "GDPR art. 5")},
    next={"2026": 9},
)


@pytest.mark.parametrize("anchor", [FULL, BLANK, replace(FULL, pending=None)])
def test_an_anchor_reads_back(tmp_path, anchor):
    keeper = AnchorFile(tmp_path / "state" / "pin" / "anchor.json")
    assert keeper.load() is None
    keeper.save(anchor)
    assert keeper.load() == anchor
    assert keeper.path.stat().st_mode & 0o777 == 0o600
    assert keeper.path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.name for file in keeper.path.parent.iterdir()} == {"anchor.json", ".lock"}


PLAIN = {"number": 1, "digest": "", "seen": {}, "pending": None, "members": [0, ""], "erased": {}, "next": {}}
ODD = [
    {"number": None},
    {"number": "x"},
    {"seen": []},
    {"seen": {"a": 1}},
    {"seen": {"a": [1]}},
    {"pending": 7},
    {"members": None},
    {"erased": ["2026-0001"]},
    {"leaked": ["ed25519:"]},
    {"next": []},
    {"next": {"2026": "x"}},
]
BROKEN = [
    "",
    "{}",
    "[]",
    "null",
    "5",
    '"x"',
    "{",
    "[" * 100_000,
    '{"number": 1e999}',
    "\xff",
    '{"number":' + 5000 * "9",
]


@pytest.mark.parametrize("content", [*BROKEN, *(json.dumps({**PLAIN, **odd}) for odd in ODD)])
def test_a_damaged_anchor_is_never_taken_for_a_missing_one(tmp_path, content):
    keeper = AnchorFile(tmp_path / "anchor.json")
    keeper.path.write_bytes(content.encode("latin-1"))
    keeper.path.chmod(0o600)
    with pytest.raises(CannotReadError):
        keeper.load()


def test_nobody_else_can_read_or_lock_an_anchor_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        keeper = AnchorFile(tmp_path / "state" / "anchor.json")
        keeper.save(anchored(history("bo")[0]))
        keeper.move(history("bo", "bo")[1], roster())
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in keeper.path.parent.iterdir()}
    assert modes == {"anchor.json": 0o600, ".lock": 0o600}
    assert keeper.path.parent.stat().st_mode & 0o777 == 0o700


def test_an_anchor_that_others_can_change_is_not_trusted(tmp_path):
    keeper = AnchorFile(tmp_path / "anchor.json")
    keeper.save(FULL)
    keeper.path.chmod(0o602)
    with pytest.raises(UnsafePermissionsError):
        keeper.load()
    keeper.path.unlink()
    (tmp_path / "elsewhere").write_text("{}")
    keeper.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotReadError):
        keeper.load()


def test_a_folder_that_cannot_be_made_is_a_disk_that_failed(tmp_path):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(DiskError):
        AnchorFile(tmp_path / "state" / "pin" / "anchor.json").save(FULL)


def test_an_anchor_only_moves_on(tmp_path):
    chain = history("bo", "bo", "bo")
    keeper = AnchorFile(tmp_path / "anchor.json")
    keeper.move(chain[0], roster())
    assert keeper.load() is None  # whoever has none must accept a register first
    keeper.save(anchored(chain[1]))
    keeper.move(chain[2], roster())
    assert keeper.load().number == 3
    for other in (chain[0], replace(chain[2], at=AT.replace("10:", "11:"))):
        keeper.move(other, roster())
        assert keeper.load() == anchored(chain[2]), "nor to another of the same number"


def test_two_commands_of_one_user_never_move_the_anchor_back(tmp_path):
    chain = history(*["bo"] * 40)
    keeper = AnchorFile(tmp_path / "anchor.json")
    keeper.save(anchored(chain[0]))
    start = threading.Barrier(4)

    def run(registers):
        start.wait()
        for register in registers:
            AnchorFile(keeper.path).move(register, roster())

    threads = [threading.Thread(target=run, args=(chain[number::4],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert keeper.load().number == 40
    assert not [*tmp_path.glob("*.new"), *tmp_path.glob(".*.new")]
