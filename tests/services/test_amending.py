"""What is written wrong is put right and kept, struck; what must go is taken out, and the journal still holds."""

import json
from typing import Any

import invented
import pytest
from cli_kit import WRITTEN, Home, take_in
from hypothesis import given
from hypothesis import strategies as st

from ballerup_cli.core.cases.amend import GONE, find, is_hole, path_of, put
from ballerup_cli.services.cases import casework
from ballerup_cli.storage.store import journal
from ballerup_cli.storage.store.store import case_journal

CASE = "2026-0005"
BIRD = "Gulspurvevænget"
PLAIN = st.recursive(
    st.text(max_size=5) | st.integers(0, 9),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, min_size=1),
    max_leaves=8,
)


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for key, part in inner for path in paths(part, (*above, key)))]


@given(st.dictionaries(st.sampled_from("abc"), PLAIN, min_size=1), st.data())
def test_what_is_put_somewhere_is_found_there_and_nothing_else_moves(body: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in paths(body) if path]))
    changed = put(body, path, "ny")
    assert find(changed, path) == "ny"
    for other in paths(body):
        if other[: len(path)] != path and path[: len(other)] != other:
            assert find(changed, other) == find(body, other)
    gone = put(body, path, GONE)
    assert all(is_hole(item) for item in left_at(gone, path)), "nothing but holes"
    for other in paths(body):
        if other[: len(path)] != path and path[: len(other)] != other:
            assert find(gone, other) == find(body, other), "a hole is left, and no number moves"


def left_at(body: Any, path: tuple[Any, ...]) -> list[Any]:
    try:
        return list(find(body, path))
    except LookupError:
        return []


@pytest.mark.parametrize(
    "path",
    [
        *("nothing", "observations.9", "observations.0", "observations.text", "observations.1.text.more"),
        *("concern.1", "0", "referrer.1", "referrer.wants_feedback.member"),
    ],
)
def test_a_path_that_leads_nowhere_finds_nothing(path: str) -> None:
    form = invented.create(referrer={"member": "klub-nord", "wants_feedback": True})
    with pytest.raises(LookupError):
        find(form, path_of(path))


def test_a_path_counts_from_one() -> None:
    form = invented.create()
    for number, seen in enumerate(form["observations"], start=1):
        assert find(form, path_of(f"observations.{number}.text")) == seen["text"]


def amend(home: Home, step: str, form: dict[str, Any], case: str = CASE) -> Any:
    answer = home.write(step, case, form)
    assert answer.code == 0, answer
    return home.case(case)


# --- correct ----------------------------------------------------------------------------------------------------------


def test_a_correction_is_what_counts_and_the_old_text_is_kept_struck(town: Home) -> None:
    before = town.case(CASE)
    told = amend(town, "correct", invented.correct("subject.born", "2012-05-17", tell=["Politiet"]))
    assert told["subject"]["born"] == "2012-05-17"
    (struck,) = told["struck"]
    assert (struck["path"], struck["value"]) == ("subject.born", before["subject"]["born"])
    page = town.ok("show", CASE)
    assert "WRONG, NOT TO BE USED" in page and before["subject"]["born"] in page
    assert (told["state"], told["measures"]) == (before["state"], before["measures"])
    assert town.run("verify").code == 0


def test_a_correction_moves_the_deadlines_it_touches(town: Home) -> None:
    told = amend(town, "correct", invented.correct("follow_up", "2026-08-15", entry=5))
    assert {item["due"] for item in told["due"] if item["clock"] == "follow-up"} == {"2026-08-15"}
    assert town.run("verify").code == 0


def test_a_correction_can_be_corrected_and_a_field_taken_away(town: Home) -> None:
    amend(town, "correct", invented.correct("concern", "Han sagde a"))
    told = amend(town, "correct", invented.correct("concern", "Han sagde b"))
    assert told["concern"] == "Han sagde b"
    assert [item["value"] for item in told["struck"]][1] == "Han sagde a"
    form = invented.correct("observations.1.sign")
    del form["value"]
    assert "sign" not in amend(town, "correct", form)["observations"][0]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (invented.correct(entry=99), "the case has no such number"),
        (invented.correct("nothing.there"), "nothing stands there"),
        (invented.correct("received", "engang"), "value: must be a date or moment"),
        (invented.correct("outcome", "blocked", entry=2), "would not hold together"),
        (invented.correct("subject.nickname", "Bo"), "unknown field"),
    ],
)
def test_a_correction_that_leaves_no_sound_case_is_refused(town: Home, form: dict[str, Any], words: str) -> None:
    assert words in town.fails(12, "correct", CASE, "--from", "-", typed=json.dumps(form))


def test_who_was_told_is_to_hear_what_was_wrong(town: Home) -> None:
    amend(town, "share", invented.share())
    told = casework.known(town.workspace(), "correct", CASE, WRITTEN)["tell"]
    assert told == ["Københavns Vestegns Politi"]

    def due() -> list[str]:
        return [item["due"] for item in town.case(CASE)["due"] if item["clock"] == "correction"]

    amend(town, "correct", invented.correct(tell=[*told, "Psykiatrien"]))
    owed = len(due())
    assert owed > 1, "a month from the day it was corrected, for each who had it or is named"
    amend(town, "share", invented.share(content="Rettelsen"))
    assert len(due()) < owed, "the police have heard"
    owed = len(due())
    amend(town, "share", invented.share(content="Rettelsen", party={"organisation": "Psykiatrien"}))
    assert len(due()) == owed - 1
    assert town.run("verify").code == 0


@pytest.mark.parametrize("zone", ["Europe/Copenhagen", "UTC", "Pacific/Auckland"])
def test_a_corrected_moment_is_danish_time_wherever_it_is_typed(town: Home, zone: str) -> None:
    form = invented.correct("received", "2026-03-04T23:15")
    assert town.run("correct", CASE, "--from", "-", typed=json.dumps(form), TZ=zone).code == 0
    for other in ("UTC", "Europe/Copenhagen"):
        told = town.run("show", CASE, "--format", "json", TZ=other).json()
        assert told["received"] == "2026-03-04T23:15:00+01:00"
        assert told["corrections"][0]["form"]["value"] == told["received"], "as it counts, so it is written"
        assert town.run("verify", TZ=other).code == 0


def test_a_contact_whose_moment_was_corrected_is_followed_by_others(town: Home) -> None:
    amend(town, "contact", invented.contact("receipt", "2026-03-03"))
    number = len(town.case(CASE)["entries"])
    amend(town, "correct", invented.correct("at", "2026-03-04T09:00", entry=number))
    amend(town, "contact", invented.contact("receipt", "2026-03-05"))
    assert town.run("verify").code == 0


def test_a_member_that_is_not_there_is_no_referrer_by_correction(town: Home) -> None:
    form = invented.correct("referrer.member", "klub-maane")
    assert "no member" in town.fails(12, "correct", CASE, "--from", "-", typed=json.dumps(form))


def test_what_was_corrected_and_then_taken_out_leaves_a_store_that_can_be_kept(town: Home) -> None:
    amend(town, "correct", invented.correct("concern", f"Fra {BIRD}"))
    told = amend(town, "redact", invented.redact("concern"))
    assert told["concern"] == "[…]" and BIRD not in everything(town)
    assert all(item.get("value") == "[…]" for item in told["struck"]), "the old text went as well"
    amend(town, "correct", invented.correct("observations.1.text", f"Ved {BIRD}"))
    told = amend(town, "redact", invented.redact("observations.1"))
    assert [item["number"] for item in told["observations"]][:1] == [2] and BIRD not in everything(town)
    assert told["removed"][0] == {"kind": "observation", "number": 1, "entry": 1}
    assert town.run("verify").code == 0
    town.ok("backup", town.path / "copy")
    assert town.run("restore", town.path / "copy", "--prove").code == 0


# --- redact -----------------------------------------------------------------------------------------------------------


def everything(home: Home) -> str:
    workspace = home.workspace()
    return "".join(
        record.body.decode() for name in workspace.store.register.journals for record in workspace.store.records(name)
    )


def test_a_redacted_text_is_gone_and_the_journal_still_holds(town: Home) -> None:
    amend(town, "note", invented.note(text=f"Bor på {BIRD}"))
    assert BIRD in everything(town)
    number = len(town.case(CASE)["entries"])
    copy = town.path / "copy"
    town.ok("backup", copy)
    answer = town.write("redact", CASE, invented.redact("text", entry=number))
    assert answer.code == 0 and "copies of the store still hold it" in answer.err
    told = town.case(CASE)
    town.ok("backup", copy)
    assert town.run("--store", copy, "verify").code == 0
    assert BIRD not in town.ok("--store", copy, "show", CASE), "a copy made anew holds it no more"
    assert BIRD not in everything(town)
    assert [note["form"]["text"] for note in told["notes"]] == ["[…]"], "a note cannot do without its text"
    assert [item["form"]["entry"] for item in told["redactions"]] == [number]
    assert town.run("verify").code == 0
    assert "Redaction" in town.ok("show", CASE)
    records = town.workspace().store.records(case_journal(CASE))
    assert records[number - 1].body == journal.STRUCK
    take_in(town, "bo")  # everything is sealed anew
    assert town.run("verify").code == 0 and BIRD not in everything(town)


def test_an_entry_is_redacted_again_and_again(town: Home) -> None:
    texts = [f"{BIRD} {n}" for n in range(3)]
    form = invented.create(observations=[{"text": text} for text in texts], tried=f"{BIRD} 3", reference="44")
    case = town.ok("create", "--from", "-", typed=json.dumps(form)).strip()
    for left, path in enumerate(("observations.1.text", "observations.3.text", "tried", "observations.2.text")):
        amend(town, "redact", invented.redact(path), case)
        assert everything(town).count(BIRD) == 3 - left
    told = town.case(case)
    assert [item["text"] for item in told["observations"]] == ["[…]"] * 3
    assert "tried" not in told and told["reference"] == "44"
    assert town.run("verify").code == 0


def test_what_was_corrected_can_be_redacted_too(town: Home) -> None:
    amend(town, "correct", invented.correct("concern", f"Fra {BIRD}"))
    number = len(town.case(CASE)["entries"])
    told = amend(town, "redact", invented.redact("value", entry=number))
    assert BIRD not in everything(town) and "concern" in told
    assert town.run("verify").code == 0


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (invented.redact(entry=99), "the case has no such number"),
        (invented.redact("nothing"), "nothing stands there"),
        (invented.redact("received"), "cannot do without this field"),
        (invented.redact(instead={"text": "Andet"}), "unknown field"),
    ],
)
def test_a_redaction_that_leaves_no_sound_entry_is_refused(town: Home, form: dict[str, Any], words: str) -> None:
    assert words in town.fails(12, "redact", CASE, "--from", "-", typed=json.dumps(form))


def test_a_redaction_itself_stays(town: Home) -> None:
    amend(town, "note", invented.note())
    number = len(town.case(CASE)["entries"])
    amend(town, "redact", invented.redact("text", entry=number))
    form = invented.redact("reason", entry=number + 1)
    assert "cannot be redacted" in town.fails(12, "redact", CASE, "--from", "-", typed=json.dumps(form))


# --- restrict ---------------------------------------------------------------------------------------------------------


def test_a_restricted_case_is_kept_and_nothing_else(town: Home) -> None:
    words = ("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal", "--format", "json")
    before = json.loads(town.ok(*words))["totals"]["received"]
    amend(town, "restrict", invented.restrict())
    assert town.write("follow-up", CASE, invented.follow_up()).code == 11
    assert town.write("share", CASE, invented.share()).code == 11
    assert town.write("note", CASE, invented.note()).code == 0
    assert CASE not in town.ok("list")
    assert [line["case"] for line in json.loads(town.ok("list", "--restricted", "--format", "json"))] == [CASE]
    assert json.loads(town.ok(*words))["totals"]["received"] == before - 1
    assert "RESTRICTED" in town.ok("show", CASE)
    amend(town, "restrict", invented.restrict(restricted=False))
    assert town.write("follow-up", CASE, invented.follow_up()).code == 0
    assert json.loads(town.ok(*words))["totals"]["received"] == before
    assert town.run("verify").code == 0
