"""The case sheet a person reads: it holds what was decided and said, fits the terminal, and speaks one language."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_kit import EXAMPLES, Home, ready

from ballerup_cli.core.cases.steps import STEPS

WALK = sorted(path for path in (EXAMPLES / "00-walk").iterdir())


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which the walk of the demonstration is the newest case."""
    home = ready(tmp_path_factory.mktemp("walked"))
    number = home.ok("create", "--from", WALK[0]).strip()
    for form in WALK[1:]:
        home.ok(form.stem.partition("-")[2], number, "--from", form)
    assert number == "2026-0010"
    return home


@pytest.mark.parametrize(
    "words",
    [
        "Tænkt Tænktesen",
        "Filmene og tilbagetrækningen kom samtidig",
        "Vi taler med forældre og søn",
        "Skolen har fået kvittering",
        "Filmene var for at virke hård",
        "Det mindste, der kan virke, er støtte i skolen",
        "Målet er nået",
    ],
)
def test_the_sheet_holds_reasons_contacts_and_views(walked: Home, words: str) -> None:
    assert words in " ".join(walked.ok("show", "2026-0010").split())


@pytest.mark.parametrize(("lang", "heading"), [("da", "Indledende vurdering,"), ("en", "Initial assessment,")])
def test_every_case_has_a_sheet_in_both_languages_that_fits(walked: Home, lang: str, heading: str) -> None:
    for line in json.loads(walked.ok("list", "--format", "json")):
        page = walked.ok("--lang", lang, "show", line["case"], COLUMNS="80")
        assert max(map(len, page.splitlines())) <= 80
        assert (heading in page) == (line["state"] != "received")


def test_a_step_that_is_not_possible_is_refused_before_its_form_is_judged(walked: Home) -> None:
    said = walked.fails(11, "--lang", "da", "assess", "2026-0001", "--from", "-", typed="held: no day")
    assert "mens sagen er modtaget" in said
    assert "triage" in said


def test_findings_come_in_the_order_of_the_lines(walked: Home) -> None:
    said = walked.fails(
        12, "triage", "2026-0001", "--from", "-", typed="reason:\n- x\noutcome: no\ngate: no\ndecided: no\n"
    )
    places = [int(line.split(":")[1]) for line in said.splitlines() if line.startswith("-:")]
    assert places == sorted(places)
    assert len(places) > 1


def test_the_help_cuts_no_sentence_short(walked: Home) -> None:
    for lang in ("da", "en"):
        page = walked.ok("--lang", lang, "--help", COLUMNS="80")
        assert "..." not in page.partition("\n\n")[2]
        assert all(re.sub("^request-.*", "request", name) in page for name in STEPS)


def test_init_without_a_terminal_asks_for_the_recovery_file(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "new")
    assert "--recovery-file: missing" in home.fails(2, "init", home.store, "--as", "anna", "--no-passphrase")


def texts(value: object) -> Iterator[str]:
    """Give what somebody wrote in words of his own: everything with a blank in it."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str) and " " in value:
        yield value


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize(
    "words", [("show",), ("show", "--chronology"), ("document", "case-sheet", "--plain"), ("access", "--plain")]
)
def test_all_that_was_written_is_on_every_page_of_the_whole_case(
    walked: Home, lang: str, words: tuple[str, ...]
) -> None:
    command, *more = words
    page = " ".join(walked.ok("--lang", lang, command, "2026-0010", *more, COLUMNS="100").split())
    whole = "show" in words
    for told in walked.show("2026-0010")["forms"]:
        shown = (
            dict(told["form"]) if whole else {k: v for k, v in told["form"].items() if k not in NOT_ALL[told["step"]]}
        )
        for text in texts(shown):
            assert " ".join(text.split()) in page, (told["step"], text)


NOT_ALL = defaultdict(tuple) | {  # what holds names of others: masked, by ``sheet.MASKS``
    "create": ("referrer", "place", "subject"),
    **dict.fromkeys(("triage", "assess", "follow-up", "close"), ("participants",)),
    "plan": ("decided_by", "team", "coordinator", "consent"),
}
