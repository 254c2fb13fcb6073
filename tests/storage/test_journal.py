"""Journals as bytes: framing is the mirror of joining, and no byte can be another."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import AT, person

from ballerup_cli.storage.store import journal, register
from ballerup_cli.storage.store.journal import (
    PAGE,
    BadJournalError,
    Head,
    Record,
    extend,
    frame,
    join,
    readers,
    readers_line,
    verify,
)
from ballerup_cli.storage.text import codec

STORE, NAME = "5" * 64, "cases/2026-0001"
ANNA = person("anna")
REASONS = {
    "not spelled as a journal", "another place's entry", "a broken chain", "a changed body", "no valid signature",
}  # fmt: skip


def head(**other):
    facts = {"entry": 0, "store": STORE, "journal": NAME, "step": "note", "at": AT, "by": "anna"}
    return Head(**{**facts, "follows": "", "register": 1, "body": "", **other})


def written(*texts, **other):
    records = []
    for text in texts:
        records = extend(records, head(**other), codec.encode({"text": text}), ANNA.key)
    return records


def key_of(one):
    return ANNA.key.public if one.by == "anna" else None


def believe(data):
    records = frame(data)
    verify(records, store=STORE, name=NAME, key_of=key_of)
    return records


SAMPLE = join(written("Lærken", "to\nlinjer\n", "tre"))

bodies = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=80), min_size=1, max_size=4
)


@given(bodies)
@settings(max_examples=50, deadline=None)
def test_framing_is_the_mirror_of_joining(texts):
    try:
        records = written(*texts)
    except RuntimeError:  # a text that the codec refuses; its own tests say which
        return
    data = join(records)
    assert len(data) % PAGE == 0
    assert believe(data) == records
    assert [codec.decode(record.body)["text"] for record in records] == texts


def test_any_size_is_padded_to_whole_pages():
    sizes = {len(join([Record(head=record.head, body=record.body + b"#" * extra + b"\n")])) for record in written("x")
             for extra in range(PAGE + 2)}  # fmt: skip
    assert sizes == {PAGE, 2 * PAGE}


def test_the_padding_is_a_comment_of_its_own_line():
    assert PAGE == 4096
    for length in (*range(PAGE - 3, PAGE + 3), 1, 2 * PAGE):
        padding = journal._padding(length)
        assert (length + len(padding)) % PAGE == 0 and len(padding) < PAGE + 2
        assert padding == b"" or (padding.startswith(b"#") and padding.index(b"\n") == len(padding) - 1)


def test_a_journal_is_sealed_to_those_told_last_or_to_all():
    assert readers_line([]) == "*" and readers_line(["bo", "anna", "bo"]) == "anna bo"
    told = [("", 1), ("anna bo", 2), ("", 3), ("*", 4), ("", 5), ("anna", 6)]
    records = [Record(head=head(readers=line, register=number), body=b"") for line, number in told]
    found = [readers(records[:count]) for count in range(1, 7)]
    assert found == [None, (("anna", "bo"), 2), (("anna", "bo"), 2), None, None, (("anna",), 6)]


def test_nothing_stands_before_the_first_entry_and_there_is_one():
    def padded(text):
        return text + journal._padding(len(text))

    whole = SAMPLE[: SAMPLE.index(b"\n...\n") + 5]
    magic = b"# ballerup journal 1\n"
    assert len(whole) < len(SAMPLE) and padded(whole) == SAMPLE
    assert refused(padded(magic + b"# more\n" + whole[len(magic) :]))
    assert refused(padded(magic + b"...\n"))


def refused(data):
    try:
        believe(data)
    except BadJournalError as bad:
        return bad.args[0] in REASONS
    return False


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_any_changed_byte_is_refused(flip):
    text = SAMPLE.rstrip(b".\n")
    places = [*range(len(text) + 3), *range(len(text), len(SAMPLE), 101), len(SAMPLE) - 1]
    for place in places:
        assert refused(SAMPLE[:place] + bytes([SAMPLE[place] ^ flip]) + SAMPLE[place + 1 :]), place


@given(st.integers(0, len(SAMPLE)), st.sampled_from([b"\n", b"#", b" ", b"0", b"=", b".", b"\xc3", b"- "]))
@settings(deadline=None)
def test_anything_inserted_is_refused_even_if_the_padding_makes_room(place, more):
    longer = SAMPLE[:place] + more + SAMPLE[place:]
    fitting = longer[: -len(more) - 1] + b"\n"
    assert refused(longer)
    assert fitting == SAMPLE or refused(fitting)


@given(st.integers(0, len(SAMPLE) - 1), st.integers(1, 200))
@settings(deadline=None)
def test_anything_removed_is_refused_even_if_the_padding_fills_up(place, size):
    shorter = SAMPLE[:place] + SAMPLE[place + size :]
    fitting = shorter[:-1] + b"." * (len(SAMPLE) - len(shorter)) + b"\n"
    assert refused(shorter)
    assert fitting == SAMPLE or refused(fitting)


@given(st.binary(max_size=300), st.booleans())
def test_other_bytes_are_no_journal(data, is_page):
    assert refused(data.ljust(PAGE, b"#") if is_page else data)


@pytest.mark.parametrize(
    "other",
    [
        SAMPLE + b"# padding ...\n",
        SAMPLE + SAMPLE,
        SAMPLE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + SAMPLE,
        b"# ballerup journal 1\n...\n".ljust(PAGE, b"#"),
        b"# ballerup journal 2\n" + SAMPLE[21:],
        SAMPLE.replace(b'entry: "1"', b'entry: "01"', 1)[:-2] + b"\n",
        SAMPLE.replace(b'entry: "1"', b"entry: 1", 1),
        SAMPLE.replace(b"--- # body\n", b"", 1),
        SAMPLE.replace(b"...\n", b"", 1),
    ],
)
def test_other_spellings_are_no_journal(other):
    assert refused(other)


@pytest.mark.parametrize("line", [b"...\n", b"--- # head\n", b"--- # body\n"])
def test_a_body_cannot_hold_a_boundary(line):
    records = extend([], head(), b"text: 1\n" + line + b"more: 2\n", ANNA.key)
    with pytest.raises(RuntimeError):
        join(records)


def test_a_body_that_the_codec_writes_never_holds_a_boundary():
    for text in ("...", "...\n", "a\n...\nb", "--- # head\n", "a\n--- # body\nb\n"):
        assert codec.decode(believe(join(written(text)))[0].body) == {"text": text}


@pytest.mark.parametrize(
    "other",
    [
        {"step": "Note"},
        {"by": "Anna"},
        {"by": "a\nb"},
        {"at": "2026-11-22"},
        {"journal": "../x"},
        {"journal": "members/2026-0001"},
        {"journal": "2026-0001"},
        {"store": "x"},
        {"register": -1},
    ],
)
def test_a_head_that_would_not_read_back_is_never_written(other):
    with pytest.raises(RuntimeError):
        join(extend([], head(**other), b"text: 1\n", ANNA.key))


@pytest.mark.parametrize(
    ("store", "name"), [("6" * 64, NAME), ("", NAME), (STORE, "cases/2026-0002"), (STORE, "members"), (STORE, "cases")]
)
def test_an_entry_belongs_to_one_store_and_one_journal(store, name):
    with pytest.raises(BadJournalError, match="another place"):
        verify(frame(SAMPLE), store=store, name=name, key_of=key_of)


def test_entries_follow_each_other():
    one, two, three = frame(SAMPLE)
    for rearranged in ([two], [one, three], [one, three, two], [one, one], [one, two, two]):
        with pytest.raises(BadJournalError):
            verify(rearranged, store=STORE, name=NAME, key_of=key_of)
    verify([one, two], store=STORE, name=NAME, key_of=key_of)  # that an end is missing, only the register can tell


def test_registers_do_not_run_backwards():
    records = extend(written("x", register=5), head(register=4), b"text: 1\n", ANNA.key)
    with pytest.raises(BadJournalError, match="broken chain"):
        verify(records, store=STORE, name=NAME, key_of=key_of)


@pytest.mark.parametrize("salt", [b"", b"# salt abc\n", b"# salt " + b"!" * 22 + b"\n", b"x: 1\n"])
def test_a_body_without_enough_salt_is_refused(salt):
    record = written("x")[0]
    with pytest.raises(RuntimeError):
        join([replace(record, body=salt + b"text: 1\n")])


def test_the_same_body_has_another_digest_each_time():
    assert written("x")[0].head.body != written("x")[0].head.body


def test_nobody_signs_for_another():
    with pytest.raises(BadJournalError, match="no valid signature"):
        verify(written("x"), store=STORE, name=NAME, key_of=lambda _: person("bo").key.public)
    with pytest.raises(BadJournalError, match="no valid signature"):
        verify(written("x", by="bo"), store=STORE, name=NAME, key_of=key_of)


def test_what_is_wrong_is_said_without_any_of_the_text():
    for damaged in (SAMPLE[:-1], SAMPLE.replace(b"to", b"ot", 1)):
        with pytest.raises(BadJournalError) as caught:
            believe(damaged)
        assert caught.value.args[0] in REASONS
        assert "rken" not in repr(caught.value)
    assert "rken" not in repr(frame(SAMPLE))


def test_journal_names_make_no_two_files_the_same():
    for name in ("members", "cases/2026-0001", "cases/2026-123456"):
        assert re.fullmatch(journal.NAME, name)
    for name in ("cases/members", "2026-0001", "cases/2026-1", "a.b", "a/b", "", "A", "cases/2026-0001\n", "a\n"):
        assert not re.fullmatch(journal.NAME, name)


# --- the page that specifies it ---------------------------------------------------------------------------------------

PAGE_OF_FORMAT = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")


def shown_register():
    return re.search(r"^```json\n(.*?)^```$", PAGE_OF_FORMAT, re.MULTILINE | re.DOTALL)[1]


def test_the_journal_on_the_page_of_the_format_is_one():
    text = re.search(r"^# ballerup journal.*?^\.\.\.$\n", PAGE_OF_FORMAT, re.MULTILINE | re.DOTALL)[0].encode()
    pin = re.search(b'store: "(.*)"', text)[1].decode()
    padding = b"# padding ".ljust(-len(text) % PAGE - 1, b".") + b"\n"
    records = frame(text + padding)
    verify(records, store=pin, name="cases/2026-0007", key_of=key_of)
    assert codec.decode(records[0].body) == {
        "received": "2026-11-20",
        "concern": "Læreren ringer.\nHun er bekymret.\n",
    }
    assert ANNA.key.public in PAGE_OF_FORMAT
    assert records[-1].head.digest() in shown_register()


def test_the_register_on_the_page_of_the_format_is_one():
    line = json.dumps(json.loads(shown_register()), sort_keys=True, separators=(",", ":"))
    signature = re.search(r"^ed25519:\S+$", PAGE_OF_FORMAT, re.MULTILINE)[0]
    content = register.read(f"{line}\n{signature}\n".encode()).prove(ANNA.key.public)
    assert (content.number, content.journals["cases/2026-0007"].entries) == (42, 2)


# --- redaction --------------------------------------------------------------------------------------------------------


def redacted(number=2):
    records = written("Lærken", "Hemmelig", "tre")
    return extend(records, head(step="redact", redacts=number), codec.encode({"instead": {"text": "[…]"}}), ANNA.key)


def test_a_redacted_body_is_gone_and_the_chain_holds():
    data = join(redacted())
    assert b"Hemmelig" not in data
    records = believe(data)
    assert records[1].body == journal.STRUCK and records[3].head.redacts == 2


def test_what_stands_in_place_of_a_body_is_what_the_page_says():
    assert f"```\n{journal.STRUCK.decode()}```\n" in PAGE_OF_FORMAT


def test_nothing_stands_in_place_of_a_body_that_no_redaction_names():
    records = written("Lærken", "Hemmelig", "tre")
    struck = [records[0], replace(records[1], body=journal.STRUCK), records[2]]
    with pytest.raises(BadJournalError, match="a changed body"):
        verify(struck, store=STORE, name=NAME, key_of=key_of)


@pytest.mark.parametrize("text", [b"redacted: false\n", b"redacted: true\nmore: 1\n", b""])
def test_nothing_but_the_one_mark_stands_in_place_of_a_redacted_body(text):
    records = redacted()
    other = journal.STRUCK.partition(b"redacted")[0] + text
    records[1] = replace(records[1], body=other)
    with pytest.raises(BadJournalError, match="a changed body"):
        verify(records, store=STORE, name=NAME, key_of=key_of)


@pytest.mark.parametrize("number", [4, 5])
def test_only_an_earlier_entry_is_redacted(number):
    with pytest.raises(BadJournalError, match="a broken chain"):
        verify(redacted(number), store=STORE, name=NAME, key_of=key_of)


def test_the_line_is_spelled_in_one_way_only():
    data = join(redacted())
    for other in (b'redacts: "02"', b'redacts: "0"', b'redacts: ""', b"redacts: 2"):
        with pytest.raises(BadJournalError):
            believe(data.replace(b'redacts: "2"', other))
