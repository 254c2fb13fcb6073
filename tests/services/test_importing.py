"""Rows of a spreadsheet become concerns: the good ones in one commit, the bad ones named, nothing twice or quoted."""

import json
import re
from collections.abc import Mapping

import pytest
import sheets
from cli_kit import WRITTEN, Home
from sheets import BAD, MAP, as_csv, as_xlsx, rows

from ballerup_cli.cli.ui.text import describe
from ballerup_cli.errors import InvalidFormError, MovedOnError
from ballerup_cli.services.cases import importing
from ballerup_cli.services.cases.importing import File, Imported
from ballerup_cli.services.store import records
from ballerup_cli.storage.text import codec, schema


def brought_in(home: Home, table: bytes, mapping: str = MAP, *, dry: bool = True) -> Imported:
    files = File(data=table, name="ark"), File(data=mapping.encode(), name="kort.yaml")
    return importing.import_concerns(home.workspace(), *files, WRITTEN, dry=dry)


def one(told: Mapping[str, object], **changed: object) -> bytes:
    """A CSV of one row that is good but for what is changed."""
    return as_csv([{**rows(1)[0], **told, **changed}], encoding="utf-8")


def findings(home: Home, table: bytes, mapping: str = MAP) -> list[str]:
    done = brought_in(home, table, mapping)
    return [describe(finding)[0] for line in done.lines for finding in line.findings]


def faults(home: Home, mapping: str) -> list[str]:
    with pytest.raises(InvalidFormError) as refused:
        brought_in(home, as_csv(rows(2)), mapping)
    return [f"{found.line}:{found.column} {describe(found)[0]}" for found in refused.value.findings]


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_the_good_rows_are_good_and_each_bad_one_is_told_of_once_at_its_column(ready_home, make):
    done = brought_in(ready_home, make(rows()))
    assert (done.count("good"), done.count("refused"), len(done.lines)) == (193, 7, 200)
    refused = {line.row: line.findings for line in done.lines if line.outcome == "refused"}
    assert {row: {done.columns[found.column] for found in found_there} for row, found_there in refused.items()} == {
        row: {column} for row, (column, _cell) in BAD.items()
    }
    assert all(len(found_there) == 1 for found_there in refused.values())
    said = str(refused) + str([describe(found)[0] for found_there in refused.values() for found in found_there])
    assert not any(cell in said for _column, cell in BAD.values() if cell)


def test_all_of_it_is_one_commit_with_every_entry_sound_and_a_second_time_nothing_is_doubled(town):
    before = town.workspace().store.register.number
    done = brought_in(town, as_csv(rows()), dry=False)
    workspace = town.workspace()
    assert workspace.store.register.number == before + 1
    assert done.count("written") == len(done.taken) == 193
    first = town.case(done.lines[0].case)
    assert first["observations"][0]["source"] == "second-hand" if first["observations"] else first["concern"]
    assert {case.intake["reference"] for case in records.cases(workspace) if "reference" in case.intake} == {
        f"26-{number:05d}" for number in range(2, 202) if number not in BAD
    }
    mended = [{**row, **{name: sheets.rows(240)[230][name] for name in ("Modtaget", "Henvender")}} for row in rows()]
    again = brought_in(town, as_csv(mended), dry=True)
    assert again.count("known") == 193
    assert again.lines[0].case == done.lines[0].case
    assert {line.row for line in again.lines if line.outcome == "good"} == {11, 42}


def test_a_dry_run_writes_nothing(town):
    before = town.everything()
    assert brought_in(town, as_csv(rows())).taken == ()
    assert town.everything() == before


def test_the_same_reference_twice_in_one_file_is_one_concern(ready_home):
    done = brought_in(ready_home, as_csv([rows(1)[0], rows(1)[0]]))
    assert [line.outcome for line in done.lines] == ["good", "known"]
    assert describe(done.lines[1].findings[0])[0] == "left out; its reference stands in row 2 already"


def test_what_create_refuses_is_refused(ready_home):
    left = MAP.replace("klub-nord,", "klub-vest,")
    assert "no member of the network" in findings(ready_home, one({"Henvender": "Klub Nord"}), left)[0]
    assert findings(ready_home, one({"Person eller gruppe": "Gruppe"})) == ["subject born: not allowed here"]
    assert findings(ready_home, one({"Navn": "To\nlinjer"})) == ["subject name: must be one line of text"]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("=cmd|' /C calc'!A0", "a formula"),
        ("ord\x1b[31m", "U+001B"),
        ("ord\x00", "U+0000"),
        ("ord\u2028ord", "U+2028"),
        ("x" * 40_000, "longer than a cell"),
    ],
)
def test_no_cell_can_do_anything_but_be_refused(ready_home, cell, words):
    (said,) = findings(ready_home, one({"Bekymring": cell}))
    assert words in said
    assert findings(ready_home, one({"Bemærkning": cell})) == []


def test_a_text_that_was_cut_in_two_by_its_delimiter_is_noticed(ready_home):
    table = as_csv(rows(1)) + b"26-1;02-03-2026;Mor;;Bo;;;Det her; og det her;;;uden for kortet\r\n"
    assert "more cells than there are names of columns" in findings(ready_home, table)


def test_a_mapping_is_told_where_it_is_wrong(ready_home):
    wrong = MAP.replace("acute:", "akut:").replace("subject.name: Navn", "subject: Navn")
    wrong = wrong.replace("group_size: Gruppens størrelse", "observations.0.text: Navn")
    wrong = wrong.replace("concern: Bekymring", "concern: Bekymringen")
    none = "no field of a concern that a cell can fill; 'ballerup form create' prints them all"
    assert faults(ready_home, wrong) == [
        f"16:3 fields subject: {none}",
        f"18:3 fields observations.0.text: {none}",
        f"19:3 fields akut: {none}",
        "20:3 fields concern: the spreadsheet has no column of this name in its header row",
    ]
    assert faults(ready_home, MAP.replace("DD-MM-ÅÅÅÅ", "DD-MM")) == [
        "2:9 dates 1: no pattern for dates, such as DD-MM-YYYY or YYYY-MM-DD HH:MM"
    ]
    assert faults(ready_home, f"{MAP}---\n{MAP}")[0].startswith("25:1 one mapping only")
    assert faults(ready_home, "fields: [")[0].startswith("1:")


def test_two_columns_of_one_name_are_not_guessed_between(ready_home):
    table = as_csv(rows(1)).replace("Bemærkning".encode("cp1252"), b"NAVN")
    with pytest.raises(InvalidFormError) as refused:
        brought_in(ready_home, table)
    assert describe(refused.value.findings[0])[0] == "fields subject.name: several columns have this name"


def test_the_printed_mapping_is_a_good_one_and_names_fields_that_there_are(ready_home):
    for language in ("da", "en"):
        text = ready_home.ok("--lang", language, "form", "import-map")
        (told,) = codec.read_forms(text.encode())
        assert schema.check("import-map", told.value) == []
        names = {
            source if isinstance(source, str) else source.get("column") for source in told.value["fields"].values()
        }
        head = ";".join(sorted(name for name in names if name))
        assert brought_in(ready_home, head.encode(), text).lines == ()


# --- the command ------------------------------------------------------------------------------------------------------


def handed_in(home: Home, table: bytes, *words: str) -> list[str]:
    (home.work / "ark.csv").write_bytes(table)
    (home.work / "kort.yaml").write_text(MAP)
    return ["import", "ark.csv", "--map", "kort.yaml", *words]


def test_the_command_prints_numbers_and_names_what_it_refused(town):
    answer = town.run(*handed_in(town, as_csv(rows(12))))
    assert answer.code == 3
    assert len(re.findall(r"^2026-\d{4}$", answer.out, re.MULTILINE)) == 11
    assert "ballerup: row 11, column Modtaget: received: must be a date" in answer.err
    assert answer.err.endswith("ballerup: 11 rows written, 1 refused, 0 there already\n")
    assert "Prøvesen" not in answer.out + answer.err
    assert town.run("verify").code == 0
    again = town.run("import", "ark.csv", "--map", "kort.yaml", "--format", "json")
    assert [(row["row"], row["outcome"]) for row in again.json()][8:10] == [(10, "known"), (11, "refused")]
    assert again.json()[9] == {"row": 11, "outcome": "refused", "case": None, "column": "Modtaget", "field": "received"}


def test_a_dry_run_prints_no_number_and_says_what_would_happen(town):
    before = town.store.stat().st_mtime_ns
    answer = town.run(*handed_in(town, as_csv(rows(9)), "--dry-run"))
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "ballerup: 9 rows would be written, 0 refused, 0 there already\n"
    assert town.store.stat().st_mtime_ns == before


def test_what_cannot_be_read_changes_nothing(town):
    call = handed_in(town, b"PK\x03\x04")
    assert "ark.csv: cannot be read as a spreadsheet" in town.fails(12, *call)
    call = handed_in(town, as_csv(rows(1)))
    (town.work / "kort.yaml").write_text(MAP.replace("Modtaget", "Indkommet"))
    assert "kort.yaml:4:3: fields received: the spreadsheet has no column" in town.fails(12, *call)


def test_a_form_and_a_row_give_the_same_entry(town):
    (number,) = town.run(*handed_in(town, as_csv(rows(1)))).out.split()
    body = {
        "received": "2026-03-03T14:30", "received_by": "municipality", "referrer": {"other": "relative"},
        "subject": {"kind": "person", "name": "Åse Prøvesen 2", "born": "2009-03-03"},
        "concern": "Siger, at vold er i orden;\nførst i klubben, så i skolen (2)", "reference": "26-00002",
    }  # fmt: skip
    (other,) = town.run("create", "--from", "-", typed=json.dumps(body)).out.split()
    told, same = town.workspace().store.entries(f"cases/{number}"), town.workspace().store.entries(f"cases/{other}")
    assert told[0].body == same[0].body


def test_who_comes_second_with_the_same_rows_doubles_nothing(town: Home) -> None:
    """Two people import the same sheet: both have looked before either has written."""
    table = as_csv(rows(3))
    files = File(data=table, name="ark"), File(data=MAP.encode(), name="kort.yaml")
    late = town.workspace()
    first = brought_in(town, table, dry=False)
    assert len(first.taken) == 3
    with pytest.raises(MovedOnError):
        importing.import_concerns(late, *files, WRITTEN, dry=False)
    assert len(town.workspace().store.cases()) == len(late.store.cases())
