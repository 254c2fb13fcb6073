"""The register as bytes: one spelling, one signature, nothing but codes and numbers."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import AT, person

from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.store.register import FORMAT, BadRegisterError, GoingBack, Register, Row, blank, check, read
from ballerup_cli.storage.store.register import clocks as as_clocks

BO = person("bo")
STORE = "5" * 64

numbers = st.integers(0, 10**12 - 1)
marks = st.binary(max_size=4).map(digest)
words = st.from_regex("[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
names = st.from_regex("[a-z][a-z0-9-]{0,31}", fullmatch=True)
cases = st.tuples(st.integers(0, 9999), st.integers(0, 999_999)).map(lambda pair: f"{pair[0]:04}-{pair[1]:04}")
days = st.dates().map(str)
moments = st.sampled_from([AT, "2026-07-01T00:00:00+02:00"])
clocks = st.tuples(words, days | moments, st.none() | words)
rows = st.builds(
    Row,
    now=marks,
    was=marks | st.just(""),
    entries=numbers,
    head=marks,
    state=st.none() | words,
    clocks=st.lists(clocks, max_size=3).map(as_clocks),
)
journals = st.from_regex("[a-z]+", fullmatch=True) | cases.map(lambda case: f"cases/{case}")
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], max_codepoint=0xFFFF, exclude_characters='"\\'),
    max_size=20,
)
losses = st.dictionaries(cases, numbers, max_size=2)
goings_back = st.builds(GoingBack, st.integers(0, 9), numbers, numbers, moments, names, st.none() | cases, losses)
registers = st.builds(
    Register,
    store=st.just(STORE),
    number=numbers,
    previous=marks | st.just(""),
    at=moments,
    by=names,
    seen=st.dictionaries(names, st.tuples(numbers, marks), max_size=3),
    journals=st.dictionaries(journals, rows, max_size=4),
    erased=st.dictionaries(cases, st.tuples(st.just("2026-11"), texts), max_size=2),
    accepted=st.lists(goings_back, max_size=2).map(tuple),
).filter(
    lambda one: (
        not any(f"cases/{case}" in one.journals for case in one.erased)
        and all(row.number <= one.number for row in one.accepted)
    )
)


def honest(**other):
    row = Row(
        now=digest(b"now"),
        was="",
        entries=1,
        head=digest(b"head"),
        state="received",
        clocks=[["receipt", "2026-12-01"]],
    )
    facts = {"number": 7, "previous": digest(b"6"), "at": AT, "by": "bo", "seen": {"bo": (6, digest(b"6"))}}
    return replace(blank(STORE), **{**facts, "journals": {"members": row, "cases/2026-0001": row}, **other})


@given(registers)
@settings(deadline=None, max_examples=60)
def test_what_is_written_reads_back_and_proves_itself(content):
    signed = content.sign(BO.key)
    unproven = read(signed.to_bytes())
    assert unproven.prove(BO.key.public) == signed
    assert not unproven.is_newer
    assert signed.to_bytes().count(b"\n") == 2


@given(registers, st.data())
@settings(deadline=None, max_examples=60)
def test_any_changed_byte_is_refused(content, data):
    written = content.sign(BO.key).to_bytes()
    place = data.draw(st.integers(0, len(written) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != written[place]))
    with pytest.raises(BadRegisterError):
        read(written[:place] + bytes([byte]) + written[place + 1 :]).prove(BO.key.public)


KEYS = st.sampled_from(["format", "journals", "members", "by", "store", "x"])
LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4)


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner), max_leaves=12))
def test_other_json_is_no_register(value):
    line = json.dumps(value).encode()
    with pytest.raises(BadRegisterError):
        read(line + b"\n" + BO.key.sign(line).encode() + b"\n").prove(BO.key.public)


@given(st.binary(max_size=60))
def test_other_bytes_are_no_register(data):
    with pytest.raises(BadRegisterError):
        read(data)


def test_keys_stand_in_one_order():
    signed = honest().sign(BO.key)
    content = json.loads(signed.line)
    shuffled = json.dumps(dict(reversed(content.items())), separators=(",", ":")).encode() + b"\n"
    signature = BO.key.sign(b"ballerup/register/1\n" + shuffled).encode() + b"\n"
    with pytest.raises(BadRegisterError):
        read(shuffled + signature)


def test_what_stands_in_a_field_has_one_order_too():
    signed = honest().sign(BO.key)
    content = json.loads(signed.line)
    content["journals"] = dict(reversed(content["journals"].items()))
    other = json.dumps(content, separators=(",", ":")).encode() + b"\n"
    assert sorted(other) == sorted(signed.line) and other != signed.line
    with pytest.raises(BadRegisterError):
        read(other + BO.key.sign(b"ballerup/register/1\n" + other).encode() + b"\n")


@pytest.mark.parametrize("name", ["../elsewhere", "cases/members", "cases/2026-1", "Members", "members\n"])
def test_nothing_is_written_as_it_should_be_that_leads_out_of_the_folder(name):
    row = honest().journals["members"]
    with pytest.raises(BadRegisterError):
        read(honest(journals={"members": row, name: row}).sign(BO.key).to_bytes())


@pytest.mark.parametrize("public", [None, "", person("anna").key.public])
def test_it_is_only_believed_from_its_signer(public):
    with pytest.raises(BadRegisterError, match="no valid signature"):
        read(honest().sign(BO.key).to_bytes()).prove(public)


def test_a_register_that_nobody_would_believe_is_not_written():
    check(honest().sign(BO.key), BO.key.public)
    for content in (honest().sign(person("eve").key), honest(by="Bo").sign(BO.key), honest()):
        with pytest.raises(BadRegisterError):
            check(content, BO.key.public)


def test_a_known_register_is_read_as_before():
    data = honest().sign(BO.key).to_bytes()
    known = read(data, known=digest(data))
    assert known.prove(BO.key.public) == read(data).register
    with pytest.raises(BadRegisterError):
        known.prove(None)


def test_knowing_one_register_believes_no_other():
    known, other = honest().sign(BO.key).to_bytes(), honest(number=8).sign(person("eve").key).to_bytes()
    with pytest.raises(BadRegisterError):
        read(other, known=digest(known)).prove(BO.key.public)
    with pytest.raises(BadRegisterError):
        read(known.replace(b'"number":7', b'"number":07'), known=digest(known))


def test_an_erased_case_has_no_row():
    with pytest.raises(BadRegisterError):
        read(honest(erased={"2026-0001": ("2026-11", "x")}).sign(BO.key).to_bytes())


@pytest.mark.parametrize(("case", "there"), [("2026-0001", True), ("2026-0002", False)])
def test_a_shielded_case_has_a_row(case, there):
    known = honest(shielded={case: (3, ("anna", "bo"))}).sign(BO.key).to_bytes()
    if there:
        assert read(known).prove(BO.key.public).shielded == {case: (3, ("anna", "bo"))}
    else:
        with pytest.raises(BadRegisterError):
            read(known)


@pytest.mark.parametrize(
    "due",
    [("receipt", "2026-02-30", None), ("receipt", "2026-13-01", None), ("receipt", "2026-01-01T24:61:00+01:00", None)],
)
def test_a_clock_runs_out_on_a_day_that_exists(due):
    row = honest().journals["members"]._replace(clocks=as_clocks([due]))
    with pytest.raises(BadRegisterError):
        read(honest(journals={"members": row}).sign(BO.key).to_bytes())


def test_the_number_of_files_costs_no_more_than_reading_them():
    row = honest().journals["members"]
    many = {f"cases/2026-{number:04}": row for number in range(5_000)}
    written = honest(journals=many).sign(BO.key).to_bytes()
    assert len(read(written).register.journals) == 5_000
    assert read(written).register.to_bytes() == written


def test_a_line_that_almost_fits_is_refused_as_quickly():
    row = honest().journals["members"]
    many = {f"cases/2026-{number:04}": row for number in range(5_000)}
    line = honest(journals=many).line[:-3] + b"!}\n"
    with pytest.raises(BadRegisterError):
        read(line + BO.key.sign(line).encode() + b"\n")


def test_a_later_format_is_told_from_a_damaged_one():
    content = {
        "format": FORMAT + 1,
        "store": STORE,
        "by": "bo",
        "journals": {"members": [digest(b"x"), "and more"]},
        "new": 1.5,
    }
    line = json.dumps(content).encode() + b"\n"
    unproven = read(line + BO.key.sign(b"ballerup/register/1\n" + line).encode() + b"\n")
    assert unproven.is_newer
    assert unproven.prove(BO.key.public).journals["members"].now == digest(b"x")
    with pytest.raises(BadRegisterError, match="no valid signature"):
        unproven.prove(person("eve").key.public)
    with pytest.raises(BadRegisterError):
        read(line.replace(b"sha256:", b"sha256:../")[:-1] + b"\n" + b"\n")


def test_a_register_of_format_1_is_told_by_name() -> None:
    content = json.loads(honest().line) | {"format": 1}
    line = json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    unproven = read(line + BO.key.sign(b"ballerup/register/1\n" + line).encode() + b"\n")
    assert unproven.is_older and not unproven.is_newer
    with pytest.raises(BadRegisterError):
        unproven.prove(person("eve").key.public)


def test_the_register_tells_no_texts():
    assert set(json.loads(honest().line)) == {
        "accepted", "at", "by", "erased", "format", "journals", "number", "previous", "seen", "store",
    }  # fmt: skip
