"""The form in the editor: it comes back until it is right, nothing typed is lost, and nothing is left behind."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballerup_cli.cli.forms.editor import annotate, first_note, is_empty, strip
from ballerup_cli.cli.ui.memory import in_memory, mounts
from ballerup_cli.cli.ui.text import set_language

CANARY = f"kanariefugl-{os.getpid()}"
MEMORY = Path("/dev/shm")  # noqa: S108
needs_memory = pytest.mark.skipif(not in_memory(str(MEMORY), mounts()), reason="no folder in memory on this machine")

# What the tests run on the terminal: a form that may hold no "bad", and how it ended as the last line.
PROGRAM = """
import json, os, signal, sys
if sys.stdin.isatty():
    os.close(os.open(os.ttyname(0), os.O_RDWR))  # makes it the terminal of this session, so that Ctrl-C reaches us

from ballerup_cli.cli.forms.editor import edit
from ballerup_cli.errors import BallerupError, Finding

def check(text):
    if "raise" in text:
        raise RuntimeError
    return [Finding(message="not this word", line=at) for at, line in enumerate(text.split("\\n"), 1) if "bad" in line]

before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)]
try:
    edited = edit("a: 1\\nb: 2\\n", check, disk="--disk" in sys.argv)
    said = {"text": edited.text, "finished": edited.finished, "changed": edited.changed, "signal": edited.signal}
except (BallerupError, RuntimeError) as error:
    said = {"error": type(error).__name__}
after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)]
print("ENDED " + json.dumps({**said, "restored": before == after}))
"""

# The scripted editor: does the next thing of SCRIPT with the form each time it is called, and remembers what it saw.
EDITOR = """#!{python}
import json, os, pathlib, signal, stat, sys, time
form, home = pathlib.Path(sys.argv[-1]), pathlib.Path({home!r})
log = home / "seen.json"
seen = json.loads(log.read_text()) if log.exists() else []
text = form.read_text()
seen.append({{
    "text": text.replace({canary!r}, "CANARY"), "folder": str(form.parent),
    "modes": [stat.S_IMODE(path.stat().st_mode) for path in (form.parent, form)], "tty": os.isatty(0) and os.isatty(1),
    "environment": sorted(os.environ), "tmp": os.environ.get("TMPDIR"), "pid": os.getpid(),
    "interrupts": signal.getsignal(signal.SIGINT) is not signal.SIG_IGN,
}})
log.write_text(json.dumps(seen))
exec(json.loads(os.environ["SCRIPT"])[len(seen) - 1])
"""


class Terminal:
    """A program on a terminal of its own, in an empty home."""

    def __init__(self, home: Path, script: list[str], *arguments: str, **environment: str) -> None:
        self.home = home
        editor = home / "editor"
        editor.write_text(EDITOR.format(python=sys.executable, home=str(home), canary=CANARY))
        editor.chmod(0o755)
        environ = {"PATH": os.environ["PATH"], "HOME": str(home), "EDITOR": str(editor), "SCRIPT": json.dumps(script)}
        environ |= {"BALLERUP_PASSPHRASE_FILE": "x", "BALLERUP_PASSPHRASE": "y", "TERM": "xterm"} | environment
        self.screen = b""
        self.terminal, inside = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            cwd=home,
            env={name: value for name, value in environ.items() if value},
            start_new_session=True,
        )
        os.close(inside)

    def read(self, patience: float = 0.1) -> bool:
        """Take in what is on the screen; False once the program has let go of the terminal."""
        if not select.select([self.terminal], [], [], patience)[0]:
            return True
        try:
            got = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.screen += got
        return bool(got)

    def wait_for(self, sign: object) -> None:
        deadline = time.monotonic() + 20
        while not sign():
            assert time.monotonic() < deadline, self.screen
            self.read(0.02)

    def end(self) -> dict:
        deadline = time.monotonic() + 20
        while self.read():
            assert time.monotonic() < deadline, self.screen
        self.process.wait()
        os.close(self.terminal)
        return json.loads(re.search("ENDED ({.*})", self.screen.decode(errors="replace"))[1])

    @property
    def seen(self) -> list[dict]:
        log = self.home / "seen.json"
        try:
            return json.loads(log.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return []


def assert_nothing_left(terminal: Terminal) -> None:
    for seen in terminal.seen:
        assert not Path(seen["folder"]).exists()
    places = [*terminal.home.rglob("*"), *Path("/tmp").glob("*"), *Path("/var/tmp").glob("*"), *MEMORY.rglob("*")]  # noqa: S108
    assert [path for path in places if path != terminal.home / "editor" and holds_canary(path)] == []


def holds_canary(path: Path) -> bool:
    try:  # a file of a terabyte, all holes, is another test's, perhaps one that was killed
        return path.is_file() and path.stat().st_size < 1 << 26 and CANARY.encode() in path.read_bytes()
    except FileNotFoundError:
        return False  # somebody else's, and gone by now


def append(text: str) -> str:
    return f"form.write_text(text + {text!r})"


# --- the loop ---------------------------------------------------------------------------------------------------------


@needs_memory
def test_a_right_form_comes_back_as_it_was_saved(tmp_path):
    terminal = Terminal(tmp_path, [append(f"c: {CANARY} æøå\n")])
    ended = terminal.end()
    text = f"a: 1\nb: 2\nc: {CANARY} æøå\n"
    assert ended == {"text": text, "finished": True, "changed": True, "signal": 0, "restored": True}
    (seen,) = terminal.seen
    assert seen["text"] == "a: 1\nb: 2\n" and seen["tty"] and seen["interrupts"]
    assert seen["modes"] == [0o700, 0o600]
    assert in_memory(str(Path(seen["folder"]).parent), mounts())
    assert seen["tmp"] == seen["folder"]
    assert not [name for name in seen["environment"] if name.startswith("BALLERUP_PASSPHRASE")]
    assert_nothing_left(terminal)


@needs_memory
def test_a_wrong_form_comes_back_with_the_message_at_the_line_as_often_as_needed(tmp_path):
    mend = 'form.write_text(text.replace("bad", "good", 1))'
    terminal = Terminal(tmp_path, [append("  c: bad\nd: bad\n"), mend, mend])
    ended = terminal.end()
    assert ended["text"] == "a: 1\nb: 2\n  c: good\nd: good\n" and ended["finished"]
    heading = "#! {} to mend; save and close when done, close unchanged to give up\n"
    notes = "a: 1\nb: 2\n  #! not this word\n  c: bad\n#! not this word\nd: bad\n"
    assert [seen["text"] for seen in terminal.seen[1:]] == [
        heading.format("2 things") + notes,
        heading.format("one thing") + "a: 1\nb: 2\n  c: good\n#! not this word\nd: bad\n",
    ]
    assert_nothing_left(terminal)


@needs_memory
@pytest.mark.parametrize(
    ("script", "text", "changed"),
    [
        (["pass"], "a: 1\nb: 2\n", False),
        ([append("c: bad\n"), "pass"], "a: 1\nb: 2\nc: bad\n", True),
        (['form.write_text("")'], "", False),
        (['form.write_text("# only a comment\\n\\n")'], "", False),
        (["form.unlink()"], "", False),
        ([append("c: 3\n") + "; sys.exit(1)"], "a: 1\nb: 2\nc: 3\n", True),
        ([append("c: bad\n"), append("d: 4\n") + "; sys.exit(1)"], "a: 1\nb: 2\nc: bad\nd: 4\n", True),
    ],
    ids=["unchanged", "given up later", "emptied", "only comments", "removed", "editor failed", "failed later"],
)
def test_a_form_can_be_given_up_and_no_text_is_lost(tmp_path, script, text, changed):
    terminal = Terminal(tmp_path, script)
    ended = terminal.end()
    assert ended == {"text": text, "finished": False, "changed": changed, "signal": 0, "restored": True}
    assert_nothing_left(terminal)


@needs_memory
def test_an_exception_leaves_nothing_behind(tmp_path):
    terminal = Terminal(tmp_path, [append(f"c: raise {CANARY}\n")])
    assert terminal.end() == {"error": "RuntimeError", "restored": True}
    assert_nothing_left(terminal)


@needs_memory
def test_old_windows_text_is_read_and_a_foreign_thing_is_refused(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    terminal = Terminal(tmp_path / "1", ['form.write_bytes("c: ærø\\r\\n".encode("cp1252"))'])
    assert terminal.end()["text"] == "c: ærø\n"
    terminal = Terminal(tmp_path / "2", ['form.unlink(); form.symlink_to("/etc/hostname")'])
    assert terminal.end() == {"error": "CannotReadError", "restored": True}
    assert_nothing_left(terminal)


# --- signals ----------------------------------------------------------------------------------------------------------


@needs_memory
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_editor_and_keeps_the_text(tmp_path, number):
    terminal = Terminal(tmp_path, [append(f"c: {CANARY}\n") + '; (home / "saved").touch(); time.sleep(60)'])
    terminal.wait_for((tmp_path / "saved").exists)
    terminal.process.send_signal(number)
    ended = terminal.end()
    text = f"a: 1\nb: 2\nc: {CANARY}\n"
    assert ended == {"text": text, "finished": False, "changed": True, "signal": number, "restored": True}
    assert_nothing_left(terminal)


@needs_memory
def test_an_editor_that_does_not_listen_is_ended_by_force(tmp_path):
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); (home / 'deaf').touch(); time.sleep(60)"
    terminal = Terminal(tmp_path, [deaf])
    terminal.wait_for((tmp_path / "deaf").exists)
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end()["signal"] == signal.SIGTERM
    assert_nothing_left(terminal)


@needs_memory
def test_the_keyboard_interrupt_is_the_editors(tmp_path):
    listen = "signal.signal(signal.SIGINT, lambda *_: (home / 'heard').touch()); (home / 'up').touch()\n"
    listen += "while not (home / 'heard').exists(): time.sleep(0.01)\n" + append("c: 3\n")
    terminal = Terminal(tmp_path, [listen])
    terminal.wait_for((tmp_path / "up").exists)
    os.write(terminal.terminal, b"\x03")
    ended = terminal.end()
    assert ended["finished"] and ended["text"] == "a: 1\nb: 2\nc: 3\n"
    assert_nothing_left(terminal)


@needs_memory
def test_an_editor_that_dies_of_the_keyboard_interrupt_tells_us(tmp_path):
    terminal = Terminal(
        tmp_path, ["signal.signal(signal.SIGINT, signal.SIG_DFL); (home / 'up').touch(); time.sleep(60)"]
    )
    terminal.wait_for((tmp_path / "up").exists)
    os.write(terminal.terminal, b"\x03")
    assert terminal.end()["signal"] == signal.SIGINT
    assert_nothing_left(terminal)


# --- where the form lies ----------------------------------------------------------------------------------------------


@needs_memory
def test_a_runtime_folder_on_a_disk_is_passed_over(tmp_path):
    terminal = Terminal(tmp_path, ["pass"], XDG_RUNTIME_DIR=str(tmp_path))
    terminal.end()
    assert Path(terminal.seen[0]["folder"]).parent == MEMORY


@needs_memory
def test_the_runtime_folder_comes_first(tmp_path):
    place = MEMORY / f"runtime-{os.getpid()}"
    place.mkdir(mode=0o700)
    try:
        terminal = Terminal(tmp_path, ["pass"], XDG_RUNTIME_DIR=str(place))
        terminal.end()
        assert Path(terminal.seen[0]["folder"]).parent == place
        assert list(place.iterdir()) == []
    finally:
        place.rmdir()


TABLE = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/sda2 /run/disk ext4 rw 0 0
tmpfs /with\\040blank tmpfs rw 0 0
tmpfs /over tmpfs rw 0 0
/dev/sda3 /over ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "memory"),
    [
        ("/run", True),
        ("/run/user/1000", True),
        ("/run/disk/x", False),
        ("/running", False),
        ("/", False),
        ("/with blank/x", True),
        ("/over", False),
    ],
)
def test_the_deepest_and_latest_mount_decides(place, memory):
    assert in_memory(place, TABLE) is memory
    assert in_memory(place, "") is False


def test_without_a_terminal_there_is_no_form(tmp_path):
    done = subprocess.run([sys.executable, "-c", PROGRAM], input="", capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.removeprefix("ENDED ")) == {"error": "NoFormError", "restored": True}


@needs_memory
def test_an_editor_that_is_not_there_is_said_so(tmp_path):
    terminal = Terminal(tmp_path, [], EDITOR="no-such-editor-here")
    assert terminal.end() == {"error": "NoEditorError", "restored": True}
    terminal = Terminal(tmp_path, [], EDITOR="", VISUAL="vi 'open")
    assert terminal.end() == {"error": "NoEditorError", "restored": True}


# --- vim itself -------------------------------------------------------------------------------------------------------


@needs_memory
@pytest.mark.parametrize("name", ["vi", "vim"])
def test_vim_leaves_no_trace_even_when_its_settings_ask_for_them(tmp_path, name):
    if subprocess.run(["sh", "-c", f"{name} --version | grep -q VIM"], capture_output=True).returncode:
        pytest.skip(f"{name} is not vim here")
    traces = tmp_path / "traces"
    traces.mkdir()
    (tmp_path / ".vimrc").write_text(
        f"set undofile undodir={traces} backup writebackup backupdir={traces} directory={traces} swapfile\n"
        f"set updatecount=1 viminfo='10,n{traces}/viminfo\n"
    )
    terminal = Terminal(tmp_path, [], EDITOR=name)
    terminal.wait_for(lambda: b"b: 2" in terminal.screen)
    os.write(terminal.terminal, f"Go c: {CANARY}\x1b/{CANARY}\r:w\ryy".encode())
    terminal.wait_for(lambda: b"written" in terminal.screen)
    during = [path for path in traces.rglob("*") if path.is_file()]
    os.write(terminal.terminal, b":q\r")
    assert CANARY in terminal.end()["text"]
    assert during == [] and [path for path in traces.rglob("*") if path.is_file()] == []
    assert_nothing_left(terminal)


# --- messages in the form ---------------------------------------------------------------------------------------------

lines = st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), max_size=12), max_size=6)
notes = st.lists(
    st.tuples(st.none() | st.integers(-1, 9), st.sampled_from(["no", "still\nno", "not {this}"])), max_size=4
)


@given(lines.map("\n".join), notes)
def test_stripping_gives_back_the_text(text, some):
    set_language("en")
    ours = {line.strip() for line in annotate("", some).split("\n")} - {""}
    clean = "\n".join(line for line in text.split("\n") if line.strip() not in ours)
    assert strip(annotate(clean, some), some) == clean


def test_messages_stand_above_their_lines_indented_alike():
    set_language("en")
    shown = annotate("a:\n  b: x\n", [(2, "first"), (2, "second\nhalf"), (None, "whole"), (99, "beyond")])
    assert shown.split("\n")[1:] == ["#! whole", "a:", "  #! first", "  #! second half", "  b: x", "#! beyond", ""]
    assert first_note(shown, [(2, "first")]) == 2
    assert annotate("a\n", []) == "a\n"


def test_a_line_of_the_users_own_that_looks_like_ours_is_kept():
    assert strip("text: |\n  #! my own\n  #! theirs\n", [(1, "theirs")]) == "text: |\n  #! my own\n"


def test_a_moved_message_is_taken_out_too():
    assert strip("a: 1\n      #! theirs  \n", [(1, "theirs")]) == "a: 1\n"


@pytest.mark.parametrize(("text", "empty"), [("", True), ("\n # x\n", True), ("a:\n", False), ("#\n-\n", False)])
def test_only_comments_and_blanks_are_nothing(text, empty):
    assert is_empty(text) is empty
