"""Letting go and keeping: what retention proposes, what is left of an erased case, and copies that come back whole."""

import json
import shutil
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import MEMORY, Home, flip

RULE = "databeskyttelsesforordningen art. 17, arkivloven § 21"
ERASE = json.dumps({"archive": "discarded", "rule": RULE, "reason": "Opbevaringen er udløbet"})
GONE = "2026-0008"
YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")


def report(home: Home, *period: str) -> Any:
    return json.loads(home.ok("report", *(period or YEAR), "--internal", "--format", "json"))


def erase(home: Home, case: str = GONE) -> str:
    return home.ok("erase", case, "--from", "-", "--yes", typed=ERASE)


# --- retention --------------------------------------------------------------------------------------------------------


def test_retention_proposes_by_gate_and_erases_nothing(town: Home) -> None:
    owed = json.loads(town.ok("--today", "2026-09-10", "retention", "--format", "json"))
    assert not {"2026-0007", GONE} & {row["case"] for row in owed}, "a child's notice is answered first"
    for case in ("2026-0007", GONE):
        assert town.write("contact", case, invented.contact("notice-not-needed", "2026-03-04")).code == 0
    before = town.everything()
    rows = json.loads(town.ok("--today", "2026-09-10", "retention", "--format", "json"))
    told = {row["case"]: (row["gate"], row["rule"], row["action"], row["due"]) for row in rows}
    assert told["2026-0007"] == ("police", "police", "erase", "2026-03-05")
    assert told[GONE] == ("joint", "no-basis", "erase", "2026-06-10")
    assert "2026-0001" not in told, "an open case has no end yet"
    assert [row["due"] for row in rows] == sorted(row["due"] for row in rows)
    assert town.everything() == before
    assert GONE in town.ok("--today", "2026-09-10", "retention")
    assert town.run("--today", "2026-03-01", "retention", "--within", "0").out == ""


def test_an_extension_needs_its_necessity_and_the_third_a_second_person(town: Home) -> None:
    for until in ("2026-12-31", "2027-06-30"):
        assert town.write("extend", GONE, {"until": until, "necessity": "Klagesag"}).code == 0
    assert [item["due"] for item in town.case(GONE)["due"] if item["clock"] == "retention"] == ["2027-06-30"]
    third = {"until": "2027-12-31", "necessity": "Klagesag"}
    assert "a third extension needs a second person" in town.fails(
        12, "extend", GONE, "--from", "-", typed=json.dumps(third)
    )
    assert town.write("extend", GONE, {**third, "second_person": "centerchef"}).code == 0
    assert town.write("extend", "2026-0001", third).code == 11
    assert town.run("verify").code == 0


def test_a_case_closed_again_has_its_own_retention(town: Home) -> None:
    assert town.write("extend", GONE, {"until": "2030-01-01", "necessity": "Klagesag"}).code == 0
    assert town.write("reopen", GONE, {"reason": "Nyt"}).code == 0
    assert town.write("triage", GONE, invented.joint("no-basis", decided="2026-06-20")).code == 0
    assert [item["due"] for item in town.case(GONE)["due"] if item["clock"] == "retention"] == ["2026-09-20"]


# --- erasure ----------------------------------------------------------------------------------------------------------


def test_an_erased_case_leaves_number_certificate_and_counts(town: Home) -> None:
    before, sealed = report(town), {path.name for path in town.sealed()}
    assert GONE in erase(town)
    after = {path.name for path in town.sealed()}
    assert sealed - after == {f"{GONE}.yaml.age"}
    assert after - sealed == {"counters.yaml.age", "erasures.yaml.age"}
    assert report(town) == before, "to the digit"
    town.fails(10, "show", GONE)
    assert GONE not in town.ok("list")
    assert town.run("verify").code == 0
    (certificate,) = [entry.body for entry in town.workspace().store.entries("erasures")]
    code = certificate.pop("code")
    assert certificate == {"case": GONE, "month": "2026-03", **json.loads(ERASE)}
    (counter,) = [entry.body for entry in town.workspace().store.entries("counters")]
    assert GONE not in json.dumps(counter) and counter["received"] == "2026-03"
    assert town.workspace().store.register.erased == {GONE: ("2026-03", code)}, "the rule stays sealed"


def test_its_number_is_never_used_again(town: Home) -> None:
    newest = town.ok("create", "--from", "-", typed=json.dumps(invented.create(referrer={"other": "citizen"}))).strip()
    assert town.write("triage", newest, invented.police("blocked")).code == 0
    erase(town, newest)
    following = town.ok("create", "--from", "-", typed=json.dumps(invented.create())).strip()
    assert int(following[5:]) == int(newest[5:]) + 1


def test_of_an_erased_case_only_the_month_is_known_so_only_whole_months_are_counted(town: Home) -> None:
    erase(town)
    words = town.fails(2, "report", "--from", "2026-03-05", "--to", "2026-12-31")
    assert "2026-03" in words and "--from 2026-03-01 --to 2026-12-31" in words
    assert report(town, "--from", "2026-03-01", "--to", "2026-03-31")["totals"]["received"] == 8
    town.ok("report", "--from", "2026-04-02", "--to", "2026-04-20")


def test_an_open_case_is_not_erased_and_nothing_without_agreement(town: Home) -> None:
    town.fails(11, "erase", "2026-0001", "--from", "-", "--yes", typed=ERASE)
    assert "repeat the command with --yes" in town.fails(2, "erase", GONE, "--from", "-", typed=ERASE)
    town.fails(10, "erase", "2026-0077", "--from", "-", "--yes", typed=ERASE)


def test_a_restricted_case_is_kept_until_that_is_lifted(town: Home) -> None:
    """Erasing is processing, and who asked for a restriction may want the case kept (GDPR art. 18)."""
    assert town.write("restrict", GONE, invented.restrict()).code == 0
    told = town.fails(11, "erase", GONE, "--from", "-", "--yes", typed=ERASE)
    assert "restricted" in told and f"'ballerup restrict {GONE}'" in told
    assert town.run("show", GONE).code == 0
    assert town.write("restrict", GONE, invented.restrict(restricted=False)).code == 0
    erase(town)


def test_a_reason_that_names_somebody_is_refused_at_its_line(town: Home) -> None:
    person = invented.create(subject={"kind": "person", "name": "Tænkt Tænktesen", "cpr": "010190-0000"})
    case = town.ok("create", "--from", "-", typed=json.dumps(person)).strip()
    assert town.write("triage", case, invented.police("blocked")).code == 0
    for telling in ("Tænktesen bad om det", "Vedrører 010190-0000", "Vedrører 0101900000"):
        form = f"archive: discarded\nrule: art. 17\nreason: {telling}\n"
        words = town.fails(12, "erase", case, "--from", "-", "--yes", typed=form)
        assert "\n-:3:" in f"\n{words}" and "Tænkt" not in words and "0190" not in words


def test_no_word_of_an_erased_case_is_left_anywhere(town: Home) -> None:
    canary = "Nattergaleparken"
    case = town.ok("create", "--from", "-", typed=json.dumps(invented.create(concern=canary, subject=ADULT))).strip()
    assert town.write("triage", case, invented.police("blocked")).code == 0
    erase(town, case)
    workspace = town.workspace()
    told = [
        json.dumps(entry.body) for name in workspace.store.register.journals for entry in workspace.store.entries(name)
    ]
    assert not any(canary in text for text in told)
    assert not list((town.path / "state").rglob("draft-*"))


ADULT = {"kind": "person", "age_band": "18-plus"}


# --- copies -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def copy(town: Home) -> Path:
    path = town.path / "copy"
    town.ok("backup", path)
    return path


def test_a_copy_is_whole_and_made_again_only_where_something_is_new(town: Home, copy: Path) -> None:
    assert town.run("--store", copy, "verify").code == 0
    assert {path.name for path in copy.glob("*.age")} == {path.name for path in town.sealed()}
    assert "0 of them new" in town.ok("backup", copy)
    assert town.write("note", "2026-0001", invented.note()).code == 0
    assert "1 of them new" in town.ok("backup", copy)
    erase(town)
    town.ok("backup", copy)
    assert not (copy / f"{GONE}.yaml.age").exists(), "a copy made anew holds nothing erased"
    assert town.run("--store", copy, "verify").code == 0


def test_a_folder_with_something_else_is_never_copied_into(town: Home) -> None:
    other = town.path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("Kære")
    town.fails(2, "backup", other)
    town.fails(2, "backup", town.store / "inside")
    town.fails(2, "backup", town.store)


def test_a_lost_store_comes_back(town: Home, copy: Path) -> None:
    before = town.case("2026-0005")
    shutil.rmtree(town.store)
    town.fails(40, "list")
    said = town.ok("restore", copy, "--yes")
    assert "stands in the store's place" in said
    assert town.case("2026-0005") == before
    assert town.run("verify").code == 0
    assert town.write("note", "2026-0001", invented.note()).code == 0


def test_a_damaged_store_is_mended_from_its_copy(town: Home, copy: Path) -> None:
    flip(town.store / "2026-0003.yaml.age")
    flip(town.store / "register.age")
    town.ok("restore", copy, "--yes")
    assert town.run("verify").code == 0


def test_what_is_lost_is_said_first_and_nothing_happens_without_agreement(town: Home, copy: Path) -> None:
    new = town.ok("create", "--from", "-", typed=json.dumps(invented.create())).strip()
    assert town.write("note", "2026-0001", invented.note()).code == 0
    words = town.fails(2, "restore", copy)
    assert f"lost by it: {new}" in words and "shorter than now: 2026-0001" in words
    town.ok("restore", copy, "--yes")
    assert new not in town.ok("list")
    assert town.run("verify").code == 0
    register = town.workspace().store.register
    assert register.accepted is not None, "the register says so"
    again = town.ok("create", "--from", "-", typed=json.dumps(invented.create())).strip()
    assert int(again[5:]) == int(new[5:]) + 1, "a number that was lost is not used again"


def test_what_was_erased_since_is_erased_again_and_stays_counted(town: Home, copy: Path) -> None:
    before = report(town)
    erase(town)
    answer = town.run("restore", copy, "--yes")
    assert answer.code == 0 and f"erased since, and erased again at once: {GONE}" in answer.err
    town.fails(10, "show", GONE)
    assert not (town.store / f"{GONE}.yaml.age").exists()
    assert report(town) == before
    assert town.run("verify").code == 0
    assert GONE in town.workspace().store.register.erased


OPEN = "2026-0002"


def closed_and_erased(home: Home) -> None:
    assert home.write("close", OPEN, invented.close("handed-over")).code == 0
    home.ok("erase", OPEN, "--from", "-", "--yes", typed=ERASE)


def test_what_was_open_when_it_was_copied_counts_as_it_did_when_it_was_erased(town: Home, copy: Path) -> None:
    closed_and_erased(town)
    before = report(town)
    town.ok("restore", copy, "--yes")
    assert town.run("verify").code == 0
    assert report(town) == before
    assert town.run("restore", copy, "--yes").code == 0 and report(town) == before, "and once only"


def test_what_was_opened_and_erased_since_the_copy_stays_counted_too(town: Home, copy: Path) -> None:
    new = town.ok("create", "--from", "-", typed=json.dumps(invented.create())).strip()
    assert town.write("close", new, invented.close("handed-over")).code == 0
    town.ok("erase", new, "--from", "-", "--yes", typed=ERASE)
    before = report(town)
    town.ok("restore", copy, "--yes")
    assert report(town) == before
    assert town.run("verify").code == 0


def test_where_the_list_of_counts_is_damaged_the_copy_says_what_is_counted(town: Home, copy: Path) -> None:
    before = report(town)
    erase(town)
    flip(town.store / "counters.yaml.age")
    town.ok("restore", copy, "--yes")
    assert report(town) == before
    assert town.run("verify").code == 0


def test_what_was_erased_on_either_side_of_a_restore_counts_once(town: Home, copy: Path) -> None:
    """The second copy counts what the store that is there does not: neither goes on where the other ends."""
    before = report(town)
    erase(town)
    second = town.path / "second"
    town.ok("backup", second)
    town.ok("restore", copy, "--yes")
    erase(town, "2026-0009")
    town.ok("restore", second, "--yes")
    assert report(town) == before
    assert town.run("verify").code == 0


def test_what_only_a_copy_knows_and_as_open_goes_uncounted(town: Home, copy: Path) -> None:
    """How it was closed, nobody knows any more."""
    received = report(town)["totals"]["received"]
    closed_and_erased(town)
    shutil.rmtree(town.store)
    town.ok("restore", copy, "--yes")
    assert town.run("verify").code == 0
    assert report(town)["totals"]["received"] == received - 1


def test_it_stays_erased_even_when_the_store_itself_is_lost(town: Home, copy: Path) -> None:
    before = report(town)
    erase(town)
    shutil.rmtree(town.store)
    town.ok("restore", copy, "--yes")
    town.fails(10, "show", GONE)
    assert report(town) == before


def test_a_copy_that_is_not_whole_is_not_brought_back(town: Home, copy: Path) -> None:
    flip(copy / "2026-0003.yaml.age")
    before = town.everything()
    assert town.run("restore", copy, "--yes").code == 31
    assert town.everything() == before
    assert town.run("restore", town.path / "nowhere", "--yes").code == 40


def test_a_restore_elsewhere_lays_a_copy_there_and_leaves_the_store_alone(town: Home, copy: Path, place: Path) -> None:
    """`--store try restore copy --yes` once put the live store back by all that was written since."""
    new = [town.ok("create", "--from", "-", typed=json.dumps(invented.create())).strip() for _ in range(3)]
    erase(town)
    before, elsewhere = town.everything(), place / "try"
    told = town.ok("--store", elsewhere, "restore", copy, "--yes")
    assert town.everything() == before, "nothing is signed, no anchor moves"
    assert "to be read only" in told
    assert town.ok("--store", elsewhere, "verify")
    assert not (elsewhere / f"{GONE}.yaml.age").exists(), "what was erased is in no copy that is laid"
    town.fails(10, "--store", elsewhere, "show", GONE)
    assert new[0] not in town.ok("--store", elsewhere, "list") and new[0] in town.ok("list")
    town.fails(32, "--store", elsewhere, "note", "1", "--from", "-", typed='{"text": "x"}')
    again = town.run("restore", copy, "--yes", BALLERUP_STORE=str(place / "another"))
    assert again.code == 0 and new[0] in town.ok("list")


def test_a_copy_is_never_laid_over_something_else(town: Home, copy: Path, home: Home, place: Path) -> None:
    home.ok("init", home.store, "--as", "berit", "--no-passphrase", "--recovery-file", "rec.txt")
    (place / "letters").mkdir()
    (place / "letters" / "letter.txt").write_text("Kære")
    town.ok("note", "1", "--from", "-", typed='{"text": "x"}')
    town.ok("backup", newer := place / "newer")
    for folder in (home.store, place / "letters", newer):
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert town.run("--store", folder, "restore", copy, "--yes").code == 2
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    town.fails(2, "backup", home.store)


def test_adopting_makes_another_folder_the_store(town: Home, copy: Path, place: Path) -> None:
    new = town.ok("create", "--from", "-", typed=json.dumps(invented.create())).strip()
    town.fails(2, "restore", copy, "--adopt", "--yes")
    old, elsewhere = {path.name for path in town.sealed()}, place / "moved"
    answer = town.run("--store", elsewhere, "restore", copy, "--adopt", "--yes")
    assert answer.code == 0 and f"lost by it: {new}" in answer.err
    assert new not in town.ok("list") and town.ok("verify")
    assert str(elsewhere) in (town.path / "config" / "config.yaml").read_text()
    assert {path.name for path in town.sealed()} == old, "what was the store lies where it lay"
    town.fails(32, "--store", town.store, "note", "1", "--from", "-", typed='{"text": "x"}')


def test_a_store_that_was_moved_is_adopted_as_it_lies(town: Home, place: Path) -> None:
    town.store.rename(moved := place / "moved")
    town.fails(40, "list")
    town.fails(32, "--store", moved, "note", "1", "--from", "-", typed='{"text": "x"}')
    number = town.workspace_at(moved).store.register.number
    town.ok("--store", moved, "restore", moved, "--adopt")
    assert town.ok("note", "1", "--from", "-", typed='{"text": "x"}')
    assert town.workspace().store.register.number == number + 1


def test_what_is_replaced_is_kept_without_what_was_erased(town: Home, copy: Path) -> None:
    new = town.ok("create", "--from", "-", typed=json.dumps(invented.create())).strip()
    number = town.workspace().store.register.number
    answer = town.run("restore", copy, "--yes")
    aside = town.store / f"replaced-{number}"
    assert str(aside) in answer.err
    assert {f"{new}.yaml.age", "register.age", f"{GONE}.yaml.age"} <= {path.name for path in aside.iterdir()}
    assert "replaced" in town.run("doctor").out
    erase(town)
    assert not (aside / f"{GONE}.yaml.age").exists(), "an erasure leaves nothing there either"
    town.ok("backup", copy)
    assert not list(copy.glob("replaced-*"))
    redaction = {"entry": 1, "path": "concern", "reason": "Ikke nødvendig"}
    assert town.write("redact", "2026-0001", redaction).code == 0
    assert not (aside / "2026-0001.yaml.age").exists()
    assert (aside / "2026-0002.yaml.age").exists()


def test_a_text_that_was_taken_out_since_does_not_come_back(town: Home, copy: Path) -> None:
    redaction = {"entry": 1, "path": "concern", "reason": "Ikke nødvendig"}
    assert town.write("redact", "2026-0001", redaction).code == 0
    before = town.case("2026-0001")
    assert town.write("note", "2026-0002", invented.note()).code == 0
    answer = town.run("restore", copy, "--yes")
    assert answer.code == 0 and "2026-0001" in answer.err
    assert town.case("2026-0001") == before
    assert len(town.case("2026-0002")["entries"]) == 2, "the others go back"
    assert town.ok("verify")
    aside = next(town.store.glob("replaced-*"))
    assert not (aside / "2026-0001.yaml.age").exists()


def test_a_restore_is_proved_in_memory_and_written_down(town: Home, copy: Path) -> None:
    before = set(MEMORY.glob("ballerup-*"))  # whoever runs the tests may have unlocked his own key
    assert "10 cases came back whole" in town.ok("--today", "2026-06-22", "restore", copy, "--prove")
    proofs = json.loads(town.ok("proof", "list", "--format", "json"))
    assert [proof["what"] for proof in proofs] == ["restore-proof"]
    assert not set(MEMORY.glob("ballerup-*")) - before, "wiped"
    flip(copy / "2026-0003.yaml.age")
    assert town.run("restore", copy, "--prove").code == 31


def test_several_cases_go_for_one_reason_or_none_does(town: Home) -> None:
    form = json.dumps({"archive": "discarded", "rule": "art. 17", "reason": "Udløbet"})
    closed = [row["case"] for row in json.loads(town.ok("list", "--state", "closed", "--format", "json"))]
    assert len(closed) > 1
    town.fails(11, "erase", *closed, "2026-0001", "--from", "-", "--yes", typed=form)
    number = town.workspace().store.register.number
    told = town.ok("erase", *closed, "--from", "-", "--yes", typed=form)
    assert [line.split(" ")[0] for line in told.splitlines() if "is erased" in line] == closed
    register = town.workspace().store.register
    assert register.number == number + 1 and {*closed} <= register.erased.keys()
    assert not any((town.store / f"{case}.yaml.age").exists() for case in closed)
    assert town.run("verify").code == 0


def test_one_of_several_linked_cases_goes_alone(town: Home) -> None:
    """What is left of it in the others is its number, which is no finding: they were linked, and it is erased."""
    new = town.write("create", None, invented.create(received="2026-06-20T10:00", related=[GONE])).out.strip()
    others = (new, "2026-0006")
    assert town.write("link", new, {"related": ["2026-0006"]}).code == 0
    before = {case: town.show(case) for case in others}
    erase(town)
    for case in others:
        after = town.show(case)
        assert {**after, "entries": []} == {**before[case], "entries": []}
    assert town.show(others[0])["related"] == [GONE, "2026-0006"]
    assert town.run("verify").code == 0
    found = json.loads(town.run("check", "--format", "json").out)
    assert not [row for row in found if row["rule"] == "related-are-there"]
