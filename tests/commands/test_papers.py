"""Documents from the command line: what they say, where they may go, and that nothing about a case leaves unnoticed."""

import json
import os
import pty
import re
import subprocess
import unicodedata
from contextlib import suppress
from typing import Any

import invented
import pytest
from cli_kit import Home
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_cli.core.cases.sharing import citation
from ballerup_cli.services.documents import card, typeset
from ballerup_cli.services.documents.anonymity import Watch
from ballerup_cli.services.store import lookups
from ballerup_cli.storage.crypto.age import unseal
from ballerup_cli.storage.text import codec

CANARY = f"Kanariefugl{os.getpid()}"
POLICE = "Københavns Vestegns Politi"
PLANNED = "2026-0005"


def shared(home: Home, number: str = PLANNED, **changed: Any) -> None:
    answer = home.write("share", number, invented.share(**changed))
    assert answer.code == 0, answer


def pages(data: bytes) -> int:
    (count,) = re.findall(rb"/Type/Pages/Count (\d+)", data)
    return int(count)


# --- the action card --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_action_card_is_one_page(ready_home: Home, language: str) -> None:
    assert pages(typeset.as_pdf(card.compose(ready_home.workspace(), language))) == 1


@pytest.mark.parametrize(
    ("language", "help_only"), [("da", "ikke en tjekliste, kun en hjælp"), ("en", "not a checklist, only a help")]
)
def test_the_action_card_says_what_to_look_for_and_what_to_do(ready_home: Home, language: str, help_only: str) -> None:
    text = " ".join(ready_home.ok("--lang", language, "action-card").split())
    words = ready_home.workspace().vocabulary
    places = [text.index(words.label("sign", code, language)) for code in words.codes("sign")]
    assert places == sorted(places) and len(places) == 15
    assert help_only in text and "112" in text and "Version 1." in text and "_" * 24 in text
    assert "§ 133" in text and "§ 135" in text and POLICE in text
    vision = "Vi skaber fremtiden sammen. Forebyggelse er et fælles ansvar."
    assert text.startswith(vision) == (language == "da")


def test_the_action_card_goes_to_stdout_or_into_a_file_of_ones_own(town: Home) -> None:
    assert town.ok("action-card", "--format", "html").startswith("<!doctype html>")
    assert town.ok("action-card", "--format", "pdf", "--out", "card.pdf") == ""
    path = town.work / "card.pdf"
    assert path.read_bytes().startswith(b"%PDF-1.") and path.stat().st_mode & 0o777 == 0o600
    assert "card.pdf" in town.fails(2, "action-card", "--out", "card.pdf")
    assert "--out" in town.fails(2, "action-card", "--out", town.store / "card.txt")


# --- § 115 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "stk. 2, jf. stk. 1, nr. 1"),
        ({"basis": "rpl-115-psp", "direction": "refused"}, "stk. 2, jf. stk. 1, nr. 2"),
        ({"direction": "received"}, "stk. 1, nr. 1"),
        ({"direction": "received", "basis": "rpl-115-ksp-c"}, "stk. 1, nr. 3, litra c"),
        ({"direction": "received", "party": {"organisation": "Politiet"}}, "stk. 1, nr. 1"),
        ({"direction": "received", "party": {"organisation": "Vagten", "function": "politi"}}, "stk. 1, nr. 1"),
        ({"direction": "received", "party": {"organisation": "Kriminalforsorgen"}}, "stk. 2, jf. stk. 1, nr. 1"),
    ],
)
def test_the_law_is_cited_by_who_sends(changed: dict[str, Any], words: str) -> None:
    share = invented.share(**changed)
    assert citation(share, invented.SETTINGS, invented.VOCABULARY) == f"retsplejelovens § 115, {words}"


@pytest.mark.parametrize("basis", ["consent", "statute"])
def test_on_another_basis_the_law_is_not_cited(basis: str) -> None:
    assert citation(invented.share(basis=basis), invented.SETTINGS, invented.VOCABULARY) is None


def test_the_slip_says_all_of_the_sharing_and_not_whom_it_is_about(town: Home) -> None:
    named = invented.create(subject={"kind": "person", "name": "Mikkel Opdigtet"})
    number = town.write("create", None, named).out.strip()
    shared(town, number)
    slip = " ".join(town.ok("--lang", "da", "document", number, "slip", "--plain").split())
    for words in (number, "03.03.2026", POLICE, "Ballerup Kommune", "stk. 2, jf. stk. 1, nr. 1", "SSP-samarbejdet"):
        assert words in slip
    form = invented.share()
    assert form["necessity"] in slip and form["content"] in slip
    assert "ikke bruges til efterforskning af straffesager" in slip and "Ingen har pligt" in slip
    assert "Mikkel" not in slip and "Opdigtet" not in slip


def test_a_slip_is_of_the_latest_sharing_or_of_the_one_that_is_named(town: Home) -> None:
    shared(town, content="Det første")
    shared(town, direction="refused", basis="statute", provision="§ 99", content="Det andet")
    first = town.case(PLANNED)["shares"][0]["entry"]
    latest = town.ok("document", "5", "slip", "--plain")
    assert "Det andet" in latest and "§ 99" in latest and "refused" in latest
    assert "Det første" in town.ok("document", "5", "slip", "--plain", "--entry", first)
    assert town.fails(10, "document", "5", "slip", "--plain", "--entry", "1")
    assert town.fails(10, "document", "1", "slip", "--plain")


@pytest.mark.parametrize("form", ["text", "html", "pdf"])
def test_a_document_is_sealed_to_its_writer(town: Home, form: str) -> None:
    shared(town, content=CANARY)
    assert "--out" in town.fails(2, "document", "5", "slip", "--format", form)
    before = town.everything()
    assert town.ok("document", "5", "slip", "--format", form, "--out", "slip.age") == ""
    path = town.work / "slip.age"
    new = {name for name, seen in town.everything().items() if before.get(name) != seen}
    assert {name for name in new if "access-" not in name} - {"work", "store"} == {"work/slip.age"}
    assert path.stat().st_mode & 0o777 == 0o600 and CANARY.encode() not in path.read_bytes()
    opened = unseal(path.read_bytes(), [town.workspace().store.holder.identity])
    assert opened.startswith(b"%PDF-1.") if form == "pdf" else CANARY in opened.decode()


def test_plain_text_is_written_in_the_log_before_it_leaves(town: Home) -> None:
    shared(town, content=CANARY)
    entry = town.case(PLANNED)["shares"][0]["entry"]
    assert CANARY in town.ok("document", "5", "slip", "--plain")
    town.ok("document", "5", "slip", "--plain", "--format", "html", "--out", "slip.html")
    assert CANARY in (town.work / "slip.html").read_text()
    logged = town.workspace().store.entries(lookups.LOG)
    assert [(told.step, told.by, told.body) for told in logged] == [
        ("document", "anna", {"case": PLANNED, "document": "slip", "entry": entry})
    ] * 2
    assert town.run("verify").code == 0
    assert "slip.html" in town.fails(2, "document", "5", "slip", "--plain", "--out", "slip.html")
    found = [path for path in town.path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert found == [town.work / "slip.html"]


def test_on_a_terminal_it_is_shown_and_not_logged(town: Home) -> None:
    shared(town, content=CANARY)
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        town.command("document", "5", "slip"),
        stdin=inside, stdout=inside, stderr=inside, cwd=town.work, start_new_session=True, env=town.environ(),
    ) as process:  # fmt: skip
        os.close(inside)
        screen = b""
        with suppress(OSError):  # the program has ended and taken its side with it
            while chunk := os.read(terminal, 4096):
                screen += chunk
        assert process.wait(timeout=30) == 0
    os.close(terminal)
    assert CANARY.encode() in screen
    assert lookups.LOG not in town.workspace().store.register.journals


# --- the yearly list --------------------------------------------------------------------------------------------------


def test_the_list_of_disclosures_says_with_whom_and_why_but_never_what(town: Home) -> None:
    shared(town, date="2026-05-01", direction="received", content=CANARY, necessity=CANARY)
    shared(
        town,
        "2026-0003",
        basis="statute",
        provision="barnets lov § 133",
        party={"organisation": "Skolen", "function": CANARY},
    )
    shared(town, "2026-0003", date="2025-12-31")
    words = ("--today", "2026-06-21", "disclosures", "--format")
    told = json.loads(town.ok(*words, "json"))
    assert told == [
        {"date": "2026-03-03", "case": "2026-0003", "direction": "given", "organisation": "Skolen",
         "basis": "statute", "citation": None, "provision": "barnets lov § 133"},
        {"date": "2026-05-01", "case": PLANNED, "direction": "received", "organisation": POLICE,
         "basis": "rpl-115-ssp", "citation": "retsplejelovens § 115, stk. 1, nr. 1", "provision": None},
    ]  # fmt: skip
    assert len(json.loads(town.ok(*words, "json", "--from", "2025-01-01"))) == 3
    for form in ("table", "csv", "tsv", "ndjson"):
        assert CANARY not in town.ok(*words, form) and POLICE.split()[0] in town.ok(*words, form)
    assert town.fails(2, "disclosures", "--from", "2026-02-01", "--to", "2026-01-01")


# --- the sheet for Infohus Netværk ------------------------------------------------------------------------------------

PERSON = {
    "kind": "person", "name": "Mikkel Opdigtet-Prøvesen", "cpr": "010190-0000",
    "guardians": [{"name": "Åse Påhittet"}, {"name": "Bo Fi"}],
}  # fmt: skip
NAMES = [
    "Mikkel Opdigtet-Prøvesen", "Mikkel", "Opdigtet", "Prøvesen", "Åse Påhittet", "Påhittet", "Bo Fi", "Gry Tænktsen",
    "Vibe Eksempel", "Eksempel", "Ulveflokken ved Søen", "Karl Frivold", "Frivold",
]  # fmt: skip


@pytest.fixture(scope="module")
def peopled(ready_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The ready store with people in it, to be looked at."""
    home = ready_home.copied(tmp_path_factory.mktemp("peopled") / "home")
    number = home.write(
        "create", None, invented.create(subject=PERSON, referrer={"member": "klub-nord", "name": "Gry Tænktsen"})
    ).out.strip()
    home.write("create", None, invented.create(subject={"kind": "group", "name": "Ulveflokken ved Søen"}))
    told = invented.police(participants=[{"function": "politi", "name": "Karl Frivold"}])
    assert home.write("triage", number, told).code == 0
    return home


@pytest.fixture(scope="module")
def watch(peopled: Home) -> Watch:
    return Watch(peopled.workspace())


def is_mark(sign: str) -> bool:
    """Whether it stays no letter when it is compared."""
    return not any(map(str.isalpha, unicodedata.normalize("NFKC", sign)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("written", ["{}", "{}s mor", "\U000102e1{}", "({})", "ved {}, igen", "_{}_", "sag/{}2"])
def test_no_name_of_the_store_passes(watch: Watch, name: str, written: str) -> None:
    for spelled in (
        name,
        name.upper(),
        name.lower(),
        name.replace(" ", "\n"),
        "".join(f"{sign}\u00ad" for sign in name),
    ):
        assert watch.messages(f"Vi ser {written.format(spelled)} her")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.text(st.characters(codec="utf-8", exclude_categories=["L", "M", "C"]).filter(is_mark)),
    st.data(),
)
def test_no_name_passes_between_any_signs(watch: Watch, name: str, around: str, data: st.DataObject) -> None:
    cased = "".join(data.draw(st.sampled_from([sign.lower(), sign.upper()])) for sign in name)
    assert watch.messages(f"x {around}{cased}{around} y")


@pytest.mark.parametrize(
    "told", ["2026-0005", "2026-5", "2019-0001", "2026‑0005", "010190-0000", "0101900000", "010190 0000", "320199-1234"]
)
def test_no_number_of_a_case_or_person_passes(watch: Watch, told: str) -> None:
    assert watch.messages(f"om {told}.")


@pytest.mark.parametrize(
    "text",
    [
        "I 2025-2026 så vi flere, også 2026-03-12.",
        "Klubben ved søen.",
        "Mikkelsdag og eksempler.",
        "12 unge, 3 skoler, 20 %",
        "Bo hos far",
    ],
)
def test_ordinary_words_pass(watch: Watch, text: str) -> None:
    assert watch.messages(text) == []


def test_it_is_said_where_and_never_what(peopled: Home) -> None:
    text = 'trends: |\n  Flere unge.\n  Så kom Mikkel igen.\nmethods: "Se 2026-0005"\n'
    said = peopled.fails(12, "netvaerk", "--text", "-", typed=text)
    assert "-:3:10: trends: " in said and "-:4:14: methods: " in said
    assert "Mikkel" not in said and "2026-0005" not in said


@pytest.mark.parametrize("form", ["text", "html", "json", "pdf"])
def test_the_sheet_counts_what_is_controlled_and_takes_words(ready_home: Home, form: str) -> None:
    typed = "trends: Flere lukkede grupper.\nmethods: Samtaler ved samme bord.\n"
    words = ("--today", "2026-06-21", "netvaerk", "--text", "-", "--format", form)
    if form == "pdf":
        ended = subprocess.run(
            ready_home.command(*words), input=typed.encode(), capture_output=True, env=ready_home.environ(), check=True
        )
        assert ended.stdout.startswith(b"%PDF-1.")
        return
    told = ready_home.ok(*words, typed=typed)
    assert "Flere lukkede grupper." in told and "Samtaler ved samme bord." in told
    if form == "json":
        sheet = json.loads(told)
        assert sheet["period"] == {"from": "2026-01-01", "to": "2026-06-30"} and sheet["controlled"] is True
        report = json.loads(ready_home.ok("report", "--from", "2026-01-01", "--to", "2026-06-30", "--format", "json"))
        assert sheet["received"] == report["totals"]["received"]
        assert sheet["by_sign"] == report["by_sign"]
        assert [row["tier"] for row in sheet["by_tier"]] == [row["tier"] for row in report["by_tier"]]
        assert [row["cases"] for row in sheet["measures"]] == [row["received"] for row in report["by_measure"]]


def read(form: Any) -> list[codec.Document]:
    return codec.read_forms(json.dumps(form).encode())


@pytest.mark.parametrize(("day", "first", "last"), [("2026-06-30", "01-01", "06-30"), ("2026-07-01", "07-01", "12-31")])
def test_the_period_is_the_half_year_of_today(ready_home: Home, day: str, first: str, last: str) -> None:
    sheet = json.loads(ready_home.ok("--today", day, "netvaerk", "--format", "json"))
    assert sheet["period"] == {"from": f"2026-{first}", "to": f"2026-{last}"}
