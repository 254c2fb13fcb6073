"""The roster: who may sign what, and when, told by the member journal alone."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import AT, founding, person, row

from ballerup_cli.storage.store import journal, members
from ballerup_cli.storage.store.journal import BadJournalError, Head
from ballerup_cli.storage.store.members import (
    FOUND,
    JOIN,
    LEAVE,
    RENEW,
    OtherIdentityError,
    UnreadableError,
    fold,
    identity_of,
)
from ballerup_cli.storage.text import codec


def head(step, by, register, store=""):
    return Head(
        entry=0, store=store, journal="members", step=step, at=AT, by=by, follows="", register=register, body=""
    )


def founded(*names):
    body = founding(*names)
    return journal.extend([], head(FOUND, names[0], 0), codec.encode(body), person(names[0]).key)


def then(records, step, body, *, by="anna", register=1, signer=None):
    one = head(step, by, register, identity_of(records))
    return journal.extend(records, one, codec.encode(body), person(signer or by).key)


def folded(records):
    return fold(records, identity_of(records), codec.decode)


def names(roster, roles=None):
    return [member.name for member in roster.current(roles)]


def may_write(roster, name, register, key=None):
    return roster.key_of(head("note", name, register)) == person(key or name).key.public


def test_the_founder_founds():
    roster = folded(founded("anna", "bo"))
    assert names(roster) == ["anna", "bo", "recovery"]
    assert names(roster, members.WRITERS) == ["anna", "bo"]
    assert len(roster.heads) == 1


def test_members_write_from_the_register_after_their_joining_to_that_of_their_leaving():
    records = then(founded("anna"), JOIN, row("bo"), register=4)
    records = then(records, LEAVE, {"name": "bo"}, register=7)
    roster = folded(records)
    assert [number for number in range(12) if may_write(roster, "bo", number)] == [5, 6, 7]
    assert all(may_write(roster, "anna", number) for number in range(12))
    assert roster.keeper("bo") is None
    assert roster.named(person("bo").key.public) is None


def test_a_name_that_comes_back_has_its_own_time():
    records = then(founded("anna"), JOIN, row("bo"), register=1)
    records = then(records, LEAVE, {"name": "bo"}, register=3)
    records = then(records, JOIN, row("bo", signing=person("bo anew").key.public), register=3)
    roster = folded(records)
    assert [number for number in range(8) if may_write(roster, "bo", number)] == [2, 3]
    assert [number for number in range(8) if may_write(roster, "bo", number, "bo anew")] == [4, 5, 6, 7]


def test_new_keys_count_from_the_register_that_tells_of_them():
    new = row("bo", signing=person("bo anew").key.public)
    roster = folded(then(founded("anna", "bo"), RENEW, new, by="bo", register=4))
    assert [number for number in range(8) if may_write(roster, "bo", number)] == [0, 1, 2, 3, 4]
    assert [number for number in range(8) if may_write(roster, "bo", number, "bo anew")] == [5, 6, 7]
    (bo,) = (member for member in roster.current() if member.name == "bo")
    assert (bo.since, bo.joined) == (5, 0)


@pytest.mark.parametrize("role", ["reader", "recovery", "watch"])
def test_only_coordinators_write_records(role):
    roster = folded(then(founded("anna"), JOIN, row("bo", role)))
    assert not any(may_write(roster, "bo", number) for number in range(5))


@pytest.mark.parametrize(
    ("role", "allowed"), [("coordinator", True), ("recovery", True), ("reader", False), ("watch", False)]
)
def test_who_may_sign_members_and_registers(role, allowed):
    records = then(founded("anna"), JOIN, row("bo", role))
    assert (folded(records).keeper("bo") is not None) is allowed
    more = then(records, LEAVE, {"name": "anna"}, by="bo", register=2)
    if allowed:
        assert "anna" not in names(folded(more))
    else:
        with pytest.raises(BadJournalError, match="no valid signature"):
            folded(more)


def test_who_has_left_signs_nobody_in():
    records = then(founded("anna", "bo"), LEAVE, {"name": "bo"}, register=1)
    with pytest.raises(BadJournalError, match="no valid signature"):
        folded(then(records, JOIN, row("carl"), by="bo", register=2))


def test_another_founder_makes_another_store():
    records = founded("anna")
    with pytest.raises(OtherIdentityError):
        fold(founded("anna"), identity_of(records), codec.decode)  # the salt makes it another one
    with pytest.raises(OtherIdentityError):
        fold(founded("mallory"), identity_of(records), codec.decode)


def test_the_founder_signs_the_founding_himself():
    records = journal.extend([], head(FOUND, "anna", 0), codec.encode(founding("anna")), person("mallory").key)
    with pytest.raises(BadJournalError, match="no valid signature"):
        folded(records)


def test_a_body_is_not_read_before_it_is_believed():
    read = []

    def decode(body):
        read.append(body)
        return codec.decode(body)

    records = founded("anna")
    forged = then(records, JOIN, row("mallory"), by="anna", signer="mallory")
    with pytest.raises(BadJournalError):
        fold(forged, identity_of(records), decode)
    assert read == [records[0].body]


@pytest.mark.parametrize(
    ("step", "body"),
    [
        (JOIN, row("anna")),
        (JOIN, row("recovery", signing=person("mallory").key.public)),
        (LEAVE, {"name": "carl"}),
        (RENEW, row("carl")),
        (RENEW, row("anna", "reader")),
        (FOUND, founding("carl")),
        ("rotate", row("carl")),
    ],
)
def test_steps_that_are_not_possible(step, body):
    with pytest.raises(BadJournalError, match="not possible"):
        folded(then(founded("anna"), step, body))


@pytest.mark.parametrize("step", [JOIN, LEAVE])
def test_only_a_founding_begins_a_journal(step):
    records = journal.extend([], head(step, "anna", 0), codec.encode(row("anna")), person("anna").key)
    with pytest.raises((BadJournalError, UnreadableError)):
        folded(records)


@pytest.mark.parametrize("body", [{"members": []}, {"members": [row("anna"), row("anna")]}])
def test_a_founding_names_each_member_once(body):
    records = journal.extend([], head(FOUND, "anna", 0), codec.encode(body), person("anna").key)
    with pytest.raises(BadJournalError):
        folded(records)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.text("abæ./\n", max_size=5),
    st.lists(st.integers(0, 3), max_size=2),
)
odd_rows = st.dictionaries(
    st.sampled_from(["name", "role", "recipient", "signing", "since", "members"]), values, max_size=5
)


@given(st.sampled_from([JOIN, LEAVE]), odd_rows)
@settings(max_examples=150, deadline=None)
def test_whatever_a_signed_body_says_it_is_understood_or_refused(step, body):
    records = journal.extend(
        FOUNDED, head(step, "anna", 1, identity_of(FOUNDED)), json.dumps(body).encode() + b"\n", person("anna").key
    )
    with pytest.raises((UnreadableError, BadJournalError)) as caught:
        folded(records)
    assert caught.value.args[0] in (2, "a step that is not possible")


FOUNDED = founded("anna")


def test_what_is_said_of_a_member_is_what_was_signed():
    member = next(folded(FOUNDED).current())
    assert member.to_dict() == row("anna")
    assert member.recipient not in repr(member)
