"""The first day of somebody new, on a terminal, in both languages: a wrong answer at a prompt leads back, never out.

What the screen showed is kept as one transcript, and it speaks one language.
"""

import re
import sys
from collections.abc import Sequence

import invented
import pytest
from cli_kit import Home
from languages import leaves, strangers, words
from test_asking import answer, call, ended
from test_editor import needs_memory

from ballerup_cli.storage.text import codec

EDITOR = """#!{python}
import pathlib, sys
form, home = pathlib.Path(sys.argv[-1]), pathlib.Path({home!r})
said = home / "edited.txt"
said.write_text((said.read_text() if said.exists() else "") + form.read_text())
script = sorted(home.glob("edit-*.yaml"))[0]
form.write_text(script.read_text())
script.unlink()
"""
WRONG_AND_RIGHT = [
    *("Nej Tak", "nobody", "klub-nord"),
    *("", "somebody", "99", "person"),
    *("", "Han siger, at vold er i orden."),
    *("zzz", "77"),
    *("1", "31. februar", "2026-03-02"),
    *("2", "nobody", "municipality"),
    *("m", "zzz", "77", "observations"),
    *("Truede to drenge ved klubben", "no-such-sign", "truer", "31. februar", "", "", "", "måske", "n"),
    "",
]
"""At every question of an intake, and on the page of all answers, something it cannot be, then what it is."""
INVENTED = set().union(*map(words, leaves([invented.create(), invented.police(), WRONG_AND_RIGHT])))
pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo terminal of Linux")]


def day(home: Home, *forms: object) -> Home:
    """A home whose editor fills in these forms, one each time it is called."""
    editor = home.path / "editor"
    editor.write_text(EDITOR.format(python=sys.executable, home=str(home.path)))
    editor.chmod(0o755)
    for number, form in enumerate(forms):
        text = form if isinstance(form, str) else codec.encode(form).decode()
        (home.path / f"edit-{number}.yaml").write_text(text)
    (home.path / "run").mkdir(mode=0o700, exist_ok=True)
    return Home(home.path, {"EDITOR": str(editor), "NO_COLOR": "1", "XDG_RUNTIME_DIR": str(home.path / "run")})


def typed(home: Home, lang: str, command: Sequence[object], answers: Sequence[str] = (), code: int = 0) -> str:
    """Type a command and the answers it asks for; return what the screen showed."""
    with call(home, *map(str, command), lang=lang) as child:
        screen = answer(child, answers)
        rest, ending = ended(child)
    assert ending == code, (command, screen, rest)
    return screen + rest


@needs_memory
@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_first_day_of_somebody_new(home: Home, lang: str) -> None:
    wrong = invented.create(received="31. februar")
    workspace = day(home, wrong, invented.create(), {**invented.police(), "outcome": "måske"}, invented.police())
    founded = ["init", home.store, "--as", "anna", "--recovery-file", "recovery.txt"]
    screens = [typed(workspace, lang, founded, ["", "sesam", "nej", "sesam", "sesam"])]
    screens.append(typed(workspace, lang, ["unlock", "--for", "8h"], ["forkert", "sesam"]))
    screens.append(typed(workspace, lang, ["create"]))
    screens.append(typed(workspace, lang, ["create", "--ask"], WRONG_AND_RIGHT))
    screens.append(typed(workspace, lang, ["triage", "1"], ["måske"]))
    screens += [typed(workspace, lang, words) for words in (["today"], ["show", "2"], ["list"], ["lock"])]
    transcript = "\n".join([*screens, (home.path / "edited.txt").read_text()])
    assert re.findall(r"^(2026-000\d)\r?$", transcript, re.MULTILINE) == ["2026-0001", "2026-0002"]
    assert not strangers(transcript, lang, INVENTED), transcript
    assert "sesam" not in transcript and "forkert" not in transcript
    assert not list(home.path.rglob("draft-*")) and not list(home.path.glob("edit-*.yaml"))


def test_a_passphrase_may_be_mistyped_twice(home: Home) -> None:
    typed(day(home), "en", ["init", home.store, "--as", "anna", "--recovery-file", "r.txt"], ["sesam", "sesam"])
    said = typed(day(home), "en", ["list"], ["nej", "nej", "nej"], code=30)
    assert said.count("this is not the passphrase; once more") == 2 and "the passphrase does not fit" in said


def test_a_wrong_passphrase_in_a_file_is_asked_for_once(home: Home) -> None:
    typed(day(home), "en", ["init", home.store, "--as", "anna", "--recovery-file", "r.txt"], ["sesam", "sesam"])
    (home.work / "pass").write_text("nej\n")
    (home.work / "pass").chmod(0o600)
    said = home.fails(30, "list", BALLERUP_PASSPHRASE_FILE=str(home.work / "pass"))
    assert "does not fit" in said and "once more" not in said
