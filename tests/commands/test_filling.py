"""The editor at the keyboard: no text is lost, whatever becomes of the form, and none gets into another one."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from cli_kit import MEMORY, Home
from test_asking import answer, call, ended

from ballerup_cli.cli.ui.memory import in_memory, mounts
from ballerup_cli.services.cases import casework
from ballerup_cli.services.forms import drafts
from ballerup_cli.services.store.moment import Moment

NOW = Moment(at="2026-03-09T12:00:00+01:00", today=date(2026, 3, 9))
TYPED = "Politiet har ringet tilbage"

# Types a form with a fault; when it comes back, closes it unchanged.
GIVEN_UP = f"""
if "unknown" in form.read_text():
    sys.exit()
form.write_text("text: {TYPED}\\nunknown: x\\n")
"""

memory = pytest.mark.skipif(not in_memory(str(MEMORY), mounts()), reason="no folder in memory on this machine")


def at_the_keyboard(home: Home, edit: str, *words: str) -> int:
    """Run a command on a terminal of its own; its editor is the Python lines ``edit`` over ``form``, the file."""
    editor = home.path / "editor"
    editor.write_text(f"#!{sys.executable}\nimport pathlib, sys\nform = pathlib.Path(sys.argv[-1])\n{edit}\n")
    editor.chmod(0o755)
    terminal, inside = pty.openpty()
    environment = home.environ() | {"EDITOR": str(editor), "TERM": "dumb"}
    with subprocess.Popen(
        home.command(*words), stdin=inside, stdout=inside, stderr=inside, env=environment, start_new_session=True
    ) as process:
        os.close(inside)
        with suppress(OSError):
            while os.read(terminal, 4096):
                pass
        code = process.wait(timeout=30)
    os.close(terminal)
    return code


def kept(home: Home) -> list[str]:
    return [path.name for path in (home.path / "state").glob("*/draft-*.age")]


def test_a_form_for_another_gate_comes_back_with_the_reason(town: Home) -> None:
    workspace = town.workspace()
    text = f"gate: joint\noutcome: accept\ndecided: 2026-03-05\nreason: {TYPED}\nproportionality: Lidt\n"
    (finding,) = casework.check_form(workspace, "triage", "2026-0001", text, NOW)
    assert (finding.line, finding.message.split()[1]) == (1, "the")
    assert TYPED not in str(finding)


def test_a_form_says_which_observation_is_which_in_one_line_each(town: Home) -> None:
    observed = town.case("1")["observations"]
    lines = casework.legend(town.workspace(), "2026-0001", "en")
    assert [line.split(":")[0] for line in lines] == [f"observation {item['number']}" for item in observed]
    assert not any("\n" in line for line in lines)


@memory
def test_what_is_typed_for_a_step_that_is_not_possible_is_kept(town: Home) -> None:
    edit = f"""
if "{TYPED}" in form.read_text():
    sys.exit()
form.write_text("gate: joint\\noutcome: no-basis\\ndecided: 2026-03-05\\nreason: {TYPED}\\n")
"""
    assert at_the_keyboard(town, edit, "triage", "1") == 130
    (draft,) = drafts.lying(town.workspace(), "triage", "2026-0001")
    assert TYPED in (drafts.read(town.workspace(), draft).text or "")


@memory
def test_a_form_that_is_emptied_leaves_every_draft_as_it_was(town: Home) -> None:
    assert at_the_keyboard(town, GIVEN_UP, "note", "1") == 130
    assert kept(town) == ["draft-1-2026-0001-note.age"]
    (town.path / "editor").write_text(f"#!{sys.executable}\nimport sys\nopen(sys.argv[-1], 'w')\n")
    home = replace(town, environment={"EDITOR": str(town.path / "editor")})
    for chosen, left in (("n", 1), ("", 1), ("t", 0)):
        with call(home, "note", "1") as child:
            answer(child, [chosen])
            assert ended(child)[1] == 130
        assert len(kept(town)) == left


@memory
def test_a_resumed_form_says_so_and_is_written_once_it_is_right(town: Home) -> None:
    at_the_keyboard(town, GIVEN_UP, "note", "1")
    edit = """
text = form.read_text()
assert "unknown" in text
form.write_text(text.replace("unknown: x", ""))
"""
    assert at_the_keyboard(town, edit, "drafts", "continue", "1") == 0
    assert kept(town) == []
    assert town.case("1")["notes"][0]["form"]["text"] == TYPED
