"""A mark in every text field of a case: once it is restricted, shielded or erased, no other command says one.

Every command that looks, exports or lists is run in this process; what is written into files and logs is read too.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import Home, take_in
from store_kit import person
from test_leaks import CANARY, FORMS, REQUEST

from ballerup_cli.cli import main
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import set_language
from ballerup_cli.services.store.identity import Places, open_holder

OTHER, NUMBER = "2026-0001", "2026-0010"

ELSEWHERE: tuple[tuple[str, ...], ...] = (
    *((command,) for command in ("list", "today", "check", "retention", "request list", "disclosures", "verify")),
    *((command, "--format", "json") for command in ("list", "today", "check", "retention", "disclosures")),
    *(("due", "--within", "9999", "--format", form) for form in ("table", "json", "csv", "ics")),
    ("due", "--explain"),
    ("check", "--minimise"),
    ("retention", "--done", "--format", "json"),
    ("request list", "--format", "json"),
    ("report", "--internal"),
    ("report", "--internal", "--format", "json", "--from", "2026-01-01", "--to", "2026-06-30"),
    ("netvaerk",),
    ("search", "--from", "word.txt"),
    ("meeting open", "--on", "2026-07-01", "--within", "9999", "--format", "json"),
    ("meeting show", "1"),
    ("meeting list",),
    ("pladen list", "--format", "json"),
    ("pladen care",),
    ("pladen picture",),
    ("networks list",),
    ("activity list",),
    ("breach list",),
    ("proof list",),
    ("beredskab show",),
    ("members list",),
    ("settings show", "--format", "json"),
    ("log show", OTHER),
    ("log sample",),
    ("dpo record-of-processing",),
    ("dpo impact-assessment",),
    ("show", OTHER),
    ("show", OTHER, "--chronology"),
    ("show", OTHER, "--format", "json"),
    ("access", OTHER, "--plain"),
    ("document", OTHER, "case-sheet", "--plain"),
    ("document", OTHER, "chronology", "--plain"),
    ("export", OTHER, "--out", "exported", "--plain"),
    ("doctor",),
    ("form note",),
)
"""Everything that looks, exports or lists without asking for that one case."""

ITSELF: tuple[tuple[str, ...], ...] = (
    ("meeting open", "--on", "2026-07-02", NUMBER),
    ("export", NUMBER, "--out", "itself", "--plain"),
    *(("document", NUMBER, kind, "--plain") for kind in ("plan", "case-sheet", "chronology", "information", "slip")),
)
"""What is asked of that one case, and refused whatever became of it."""
SHUT: tuple[tuple[str, ...], ...] = (("show", NUMBER), ("access", NUMBER, "--plain"), ("log show", NUMBER))
"""What a restricted case is still shown by, and no other."""

LISTED: dict[str, dict[str, Any]] = {
    "share": {"party": {"organisation": "Opdigtet Klinik", "function": CANARY}, "provision": "§ 115"},
    "request-decide": {"decisions": [{"decision": "withheld", "provision": "§ 22", "reason": CANARY}]},
    "request-answer": {"provision": "§ 22"},
}
"""What the yearly lists are for, and go on saying: with whom something was shared, and by which provision."""


@pytest.fixture(scope="session")
def written(ready_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = ready_home.copied(tmp_path_factory.mktemp("marks") / "town", "*access-*")
    take_in(home, "bo")
    for step, form in FORMS:
        of = [] if step in ("create", "request-open") else [REQUEST] if step.startswith("request") else [NUMBER]
        of = [NUMBER] if step == "request-open" else of
        command = step.split("-", 1) if step.startswith("request") else [step]
        file = home.work / "form.json"
        file.write_text(json.dumps(form | LISTED.get(step, {})))
        assert main.take([*command, *of, "--from", str(file)], session(home)) == 0, step
    (home.work / "word.txt").write_text(CANARY)
    assert main.take(["meeting", "open", "--on", "2026-06-30", NUMBER, OTHER], session(home)) == 0
    do(home, "link", OTHER, form=invented.link(NUMBER))
    return home


@pytest.fixture
def marked(written: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = written.copied(tmp_path / "town")
    monkeypatch.chdir(home.work)
    set_language("en")
    return home


def session(home: Home, key: str = "") -> Session:
    places = Places(config=home.path / "config", state=home.path / "state", cache=home.path / "cache")
    return Session(places, day=None, open_key=(lambda _path, _ask: person(key)) if key else open_holder)


def do(home: Home, *words: str, form: object) -> None:
    file = home.work / "form.json"
    file.write_text(json.dumps(form))
    assert main.take([*words, "--from", str(file)], session(home)) == 0, words


def restricted(home: Home) -> None:
    do(home, "restrict", NUMBER, form=invented.restrict(reason=CANARY))


def shielded(home: Home) -> None:
    do(home, "shield", NUMBER, form=invented.shield("anna", reason=CANARY))


def erased(home: Home) -> None:
    form = {"archive": "discarded", "rule": "kassationsbestemmelsen, afsnit 4", "reason": "Udløbet"}
    do(home, "erase", NUMBER, "--yes", form=form)


@pytest.mark.parametrize(("fate", "key", "more"), [(restricted, "", ()), (shielded, "bo", SHUT), (erased, "", SHUT)])
def test_no_word_of_it_is_said_elsewhere(
    marked: Home,
    fate: Callable[[Home], None],
    key: str,
    more: tuple[tuple[str, ...], ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    fate(marked)
    capsys.readouterr()
    said = {}
    for words in (*ELSEWHERE, *ITSELF, *more):
        code = main.take([*words[0].split(), *words[1:]], session(marked, key))
        said[words] = "".join(capsys.readouterr())
        assert code not in (1, 2), (words, said[words])
        assert code != 0 or words[0] not in ("document", "export", "show", "access") or NUMBER not in words, words
    assert {words for words, told in said.items() if CANARY in told} == set()
    left = [path for path in marked.path.rglob("*") if path.is_file() and path.parent != marked.work]
    assert [path for path in left if CANARY.encode() in path.read_bytes()] == []
