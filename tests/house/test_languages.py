"""Every screen speaks one language: help, forms, results, documents and refusals of every command, in both."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from cli_kit import CASES, EXAMPLES, Home
from languages import LANGUAGES, leaves, only, shipped, strangers, words
from test_help_examples import FORMS, IN_STATE
from test_help_examples import VALID as EXAMPLES_OF_FORMS
from test_text import ERRORS

from ballerup_cli.cli.main import main
from ballerup_cli.cli.ui import terminal, text
from ballerup_cli.cli.ui.hints import hint_for
from ballerup_cli.cli.ui.params import Group
from ballerup_cli.services.documents.papers import OFFICER, PAPERS
from proof.calls import call

INVALID = EXAMPLES_OF_FORMS.with_name("invalid")
MAKES = [("demo",), ("manual",), ("completion",), ("settings", "profile")]
"""Commands that make something of whatever they are given, or print what was set in both languages."""
EXAMPLE = re.compile(r"^(?:Eksempel|Example):$", re.MULTILINE)
"""Before what is to be typed: files of whatever name."""
TODAY = "2026-11-20"
LOOKS = [
    *("today", "due --within 3000", "due --explain", "due --check", "list", "report --internal", "report", "retention"),
    *("disclosures --from 2026-01-01 --to 2026-12-31", "pladen list", "pladen care", "pladen picture --format html"),
    *("pladen picture", "activity list", "networks list", "beredskab show", "breach list", "meeting list"),
    *("meeting open 2026-0003", "meeting open 17 --on 2026-11-26 --within 0", "meeting show 1", "log sample"),
    *("members list", "keys show", "verify", "check", "check --explain", "check --minimise", "doctor", "settings show"),
    *("cron setup", "cron print", "action-card", "action-card --format html", "netvaerk", "netvaerk --format html"),
    *(f"dpo {kind}" for kind in OFFICER),
    *("show 1", "show 5", "log show 5", "document 5 plan --plain", "document 5 minutes --plain", "access 5 --plain"),
    *(f"show {case}" for case in range(1, 21)),
    *(f"{command} {case}" for case in (1, 4, 5) for command in ("log show", "access --plain", "extend", "erase")),
    *(f"document {case} {kind} --plain" for case in (1, 4, 5, 20) for kind in PAPERS),
]
FEW = LOOKS.index("access 5 --plain") + 1
NUMBERED = {(name,) for name, made in main.commands.items() if any(param.name == "case" for param in made.params)}


def _told(value: Any) -> set[str]:
    """Return the words of what records say."""
    return set().union(*map(words, leaves(value)))


INVENTED = _told([*CASES.values(), *FORMS.values()])

pytestmark = pytest.mark.parametrize("lang", LANGUAGES)


def commands(above: Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, made in above.commands.items():
        yield (*path, name)
        if isinstance(made, Group):
            yield from commands(made, (*path, name))


EVERY = list(commands())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The demonstration's store, in which every step was taken."""
    home = Home.make(tmp_path_factory.mktemp("spoken") / "home")
    home.ok("demo", home.store)
    folders = {"BALLERUP_CONFIG_DIR": str(home.store / "config"), "BALLERUP_STATE_DIR": str(home.store / "state")}
    return furnished(Home(home.path, folders))


def furnished(home: Home) -> Home:
    """Write something into every list a store has."""
    for name in ("activity add", "networks add", "beredskab adopt", "breach add", "proof add"):
        answer = call(home, *name.split(), "--from", "-", typed=json.dumps(FORMS[name.replace(" ", "-")]))
        assert answer.code == 0, answer
    return home


def said(home: Home, lang: str, *words: object, typed: str = "") -> str:
    answer = call(Home(home.path, home.environment | {"BALLERUP_LANG": lang}), *words, typed=typed)
    assert answer.code != 1, (words, answer.err)
    return answer.out + answer.err


def mixed(screens: Mapping[str, str], lang: str, content: Collection[str] = ()) -> dict[str, set[str]]:
    """Return the screens that speak the other language too, with its words; hardly any is blank."""
    assert sum(not screen for screen in screens.values()) < 12
    return {name: found for name, screen in screens.items() if (found := strangers(screen, lang, content))}


def screens(home: Home, lang: str, calls: Iterable[Sequence[object]]) -> dict[str, str]:
    return {" ".join(map(str, words)): said(home, lang, *words) for words in calls}


@pytest.fixture(autouse=True)
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests is not asked."""
    monkeypatch.setattr(terminal, "_TTY", Path("/nowhere/tty"))


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    text.set_language("en")


def test_some_words_tell_a_language(lang: str) -> None:
    """What all else here rests on: a text left in the wrong language would take its words out of these sets."""
    telling = {
        "da": "the and is are this that it from which must cannot has was or an if",
        "en": "ikke er af til på det skal ved kan der har hvad hvem",
    }
    assert set(telling[lang].split()) <= only(lang)
    assert strangers("ballerup: error: the case er lukket", lang) == {"da": {"the"}, "en": {"er", "lukket"}}[lang]


def test_every_help_page_speaks_one_language(home: Home, lang: str) -> None:
    pages = [(), ("--help",), *((*path, "--help") for path in EVERY)]
    told = {name: EXAMPLE.split(page)[0] for name, page in screens(home, lang, pages).items()}
    assert mixed(told, lang) == {}


def test_every_form_speaks_one_language(ready_home: Home, lang: str) -> None:
    spreadsheet = words("Anonym Bekymring Født Gruppe Haster Henvender Journalnummer Modtaget Navn Set eller hørt")
    forms = [("form", path.stem) for path in EXAMPLES.parent.glob("*.yaml")]
    assert mixed(screens(ready_home, lang, forms), lang, spreadsheet) == {}


def test_every_error_speaks_one_language(lang: str) -> None:
    text.set_language(lang)
    told = {kind.__name__: text._(kind.message) + " " + text._(hint_for(kind)) for kind in ERRORS}
    bare = {name: re.sub(r"\{[a-z]+\}", "", words) for name, words in told.items()}
    assert {name: found for name, words in bare.items() if (found := strangers(words, lang))} == {}


@pytest.mark.long
def test_every_refusal_of_arguments_speaks_one_language(town: Home, lang: str) -> None:
    wrong = ("--no-such",), ("--format", "odd"), ("x", "y", "z", "w"), ("2099-0001",), ("--store",), ()
    calls = [(*path, *more) for path in EVERY for more in wrong if path not in MAKES]
    assert len(calls) > 400
    assert mixed(screens(town, lang, calls), lang, INVENTED) == {}


@pytest.mark.long
def test_every_refusal_of_a_form_speaks_one_language(town: Home, lang: str) -> None:
    said_of = {}
    for path in sorted(INVALID.rglob("*.yaml")):
        name = path.parent.name
        where = (name,) if name in main.commands else tuple(name.split("-", 1))
        case = [IN_STATE.get(name, "2026-0001")] if where in NUMBERED else []
        if where in EVERY:
            said_of[str(path)] = said(town, lang, *where, *case, "--from", "-", typed=path.read_text())
    assert len(said_of) > 140
    assert mixed(said_of, lang) == {}


@pytest.mark.long
def test_every_result_speaks_one_language(demo: Home, town: Home, lang: str) -> None:
    calls = [("--today", TODAY, *look.split()) for look in LOOKS]
    shown = screens(demo, lang, calls)
    assert mixed(shown, lang, shipped() | INVENTED) == {}
    assert lang == "en" or not [name for name, screen in shown.items() if re.search(r"\b20\d\d-\d\d-\d\d\b", screen)]
    assert mixed(screens(furnished(town), lang, calls[:FEW]), lang, INVENTED) == {}
