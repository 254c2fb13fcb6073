"""A canary in every text field of every form: afterwards it sings nowhere but where the case is asked for."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cli_kit import MEMORY, Home, take_in

from ballerup_cli.cli.ui.memory import in_memory, mounts
from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.storage.text import codec, schema

CANARY = f"Kanariefugl{os.getpid()}"  # tests at work at the same time have birds of their own
TEXTS = {"text", "line"}  # the formats of what people write in their own words

# One form or more for each step, with CANARY wherever words can be written; the steps in an order that is lawful.
REQUEST = "R2026-001"
FORMS: list[tuple[str, dict[str, Any]]] = [
    (
        "create",
        {
            "received": "2026-03-02T14:30",
            "received_by": "municipality",
            "referrer": {
                "member": "klub-nord", "function": CANARY, "relation": CANARY, "name": CANARY, "contact": CANARY,
            },
            "place": {"text": CANARY},
            "subject": {
                "kind": "person", "name": CANARY, "contact": CANARY, "interpreter": CANARY,
                "residence": {"municipality": CANARY},
                "guardians": [{"name": CANARY, "contact": CANARY, "custody": CANARY}],
            },
            "concern": CANARY,
            "observations": [{"text": CANARY}],
            "resources": [CANARY],
            "tried": CANARY,
            "aware": {"reaction": CANARY},
            "acute_action": CANARY,
            "notice": {"status": "not-needed", "reference": CANARY, "reason": CANARY},
            "reference": CANARY,
            "shield": {"for": ["anna"], "reason": CANARY},
        },
    ),
    (
        "contact",
        {
            "at": "2026-03-03", "with": "other", "about": "exception",
            "text": CANARY, "provision": CANARY, "reason": CANARY, "organisation": CANARY,
        },
    ),
    (
        "share",
        {
            "direction": "given", "basis": "statute", "date": "2026-03-03", "not_for_investigation": True,
            "party": {"organisation": CANARY, "function": CANARY},
            "provision": CANARY, "necessity": CANARY, "content": CANARY,
        },
    ),
    (
        "note",
        {
            "text": CANARY,
            "observations": [{"text": CANARY}],
            "checked": [{"observation": 1, "status": "claimed", "note": CANARY}],
        },
    ),
    (
        "triage",
        {
            "gate": "police", "outcome": "blocked", "decided": "2026-03-05", "reason": CANARY, "conditions": CANARY,
            "participants": [{"function": CANARY, "organisation": CANARY, "name": CANARY}],
            "invite": [CANARY],
            "proportionality": CANARY,
            "observations": [{"text": CANARY}],
            "checked": [{"observation": 1, "status": "claimed", "note": CANARY}],
            "closing": {
                "outcome": "handed-over", "reason": CANARY, "handed_to": CANARY,
                "answers": [{"observation": 1, "answer": "stands", "note": CANARY}],
            },
        },
    ),
    ("reopen", {"reason": CANARY}),
    ("close", {"closed": "2026-03-07", "outcome": "no-basis", "reason": CANARY}),
    ("extend", {"until": "2027-01-01", "necessity": CANARY, "second_person": CANARY}),
    ("reopen", {"reason": CANARY}),
    ("correct", {"entry": 1, "path": "tried", "value": CANARY, "reason": CANARY, "tell": [CANARY]}),
    ("restrict", {"restricted": False, "reason": CANARY}),
    ("shield", {"shielded": True, "for": ["anna"], "reason": CANARY}),
    ("shield", {"shielded": False, "reason": CANARY}),
    ("redact", {"entry": 1, "path": "referrer.relation", "reason": CANARY}),
    ("link", {"related": ["2026-0001"], "reason": CANARY}),
    ("hand-over", {"to": "bo", "reason": CANARY}),
    ("undo", {"reason": CANARY}),
    (
        "request-open",
        {
            "kind": "access", "received": "2026-03-04", "text": CANARY,
            "requester": {"who": "guardian", "name": CANARY, "contact": CANARY, "authority": CANARY},
        },
    ),
    (
        "request-decide",
        {
            "decisions": [{"field": CANARY, "decision": "withheld", "provision": CANARY, "reason": CANARY}],
            "extended": {"until": "2026-06-04", "reason": CANARY},
        },
    ),
    (
        "request-answer",
        {"answered": "2026-03-20", "provision": CANARY, "reasons": CANARY, "told": [{"organisation": CANARY}]},
    ),
    ("triage", {"gate": "police", "outcome": "clear", "decided": "2026-03-06", "reason": CANARY}),
    (
        "triage",
        {"gate": "joint", "outcome": "accept", "decided": "2026-03-09", "reason": CANARY, "proportionality": CANARY},
    ),
    (
        "assess",
        {
            "held": "2026-03-19", "grounds": False, "proportionality": CANARY, "conclusion": CANARY,
            "participants": [{"role": "invited", "function": CANARY, "organisation": CANARY, "name": CANARY}],
            "observations": [{"text": CANARY}],
            "checked": [{"observation": 1, "status": "claimed", "note": CANARY}],
            "dimensions": {"family": CANARY},
            "risks": [CANARY],
            "resources": [CANARY],
            "view_of_subject": {"not_heard": True, "reason": CANARY},
            "view_of_guardians": {"text": CANARY},
            "closing": {
                "outcome": "no-basis", "reason": CANARY, "handed_to": CANARY,
                "answers": [{"observation": 1, "answer": "stands", "note": CANARY}],
            },
        },
    ),
    ("reopen", {"reason": CANARY}),
    (
        "assess",
        {
            "held": "2026-03-19", "grounds": False, "proportionality": CANARY, "conclusion": CANARY,
            "participants": [{"role": "core-group"}], "resources": [CANARY], "view_of_guardians": CANARY,
        },
    ),
    ("reopen", {"reason": CANARY}),
    (
        "assess",
        {
            "held": "2026-03-20", "grounds": True, "tier": "foregribende", "risks": [CANARY], "resources": [CANARY],
            "participants": [{"role": "core-group"}], "proportionality": CANARY, "conclusion": CANARY,
            "view_of_subject": {"text": CANARY}, "view_of_guardians": {"not_heard": True, "reason": CANARY},
        },
    ),
    (
        "plan",
        {
            "decided": "2026-04-01",
            "decided_by": [{"function": CANARY, "organisation": CANARY, "name": CANARY}],
            "coordinator": {"name": CANARY, "function": CANARY},
            "coordinator_reason": CANARY,
            "team": [{"function": "ssp", "organisation": CANARY, "name": CANARY}],
            "goals": [CANARY],
            "measures": [
                {
                    "measure": "other", "text": CANARY, "reason": CANARY, "provision": CANARY, "authority": CANARY,
                    "responsible": CANARY, "delivered_by": CANARY, "starts": "2026-04-13",
                }
            ],
            "cooperation": CANARY,
            "statutory_plan": {"kind": "ungeplan", "reference": CANARY},
            "consent": {"status": "given", "by": CANARY, "scope": CANARY},
            "hearing": {"status": "held", "provision": CANARY},
            "proportionality": CANARY,
            "follow_up": "2026-06-15",
        },
    ),
    (
        "follow-up",
        {
            "held": "2026-06-15", "evaluated": CANARY, "proportionality": CANARY, "next": None, "reason": CANARY,
            "participants": [{"function": CANARY, "organisation": CANARY, "name": CANARY}],
            "measures": [{"number": 1, "status": "ongoing", "note": CANARY}],
            "observations": [{"text": CANARY}],
            "checked": [{"observation": 1, "status": "claimed", "note": CANARY}],
            "view_of_subject": {"text": CANARY},
            "tier": "forebyggende", "tier_reason": CANARY,
        },
    ),
    (
        "follow-up",
        {
            "held": "2026-06-16", "next": "2026-09-01", "view_of_subject": {"not_heard": True, "reason": CANARY},
            "measures": [{"number": 1, "status": "ongoing"}],
        },
    ),
    (
        "follow-up",
        {
            "held": "2026-06-17", "next": "2026-09-01", "view_of_subject": CANARY,
            "measures": [{"number": 1, "status": "completed"}],
        },
    ),
    ("note", {"text": CANARY}),
    ("undo", {"reason": CANARY}),
    (
        "close",
        {
            "closed": "2026-06-20", "outcome": "completed", "reason": CANARY, "handed_to": CANARY,
            "participants": [{"function": CANARY, "organisation": CANARY, "name": CANARY}],
            "answers": [{"observation": 1, "answer": "stands", "note": CANARY}],
        },
    ),
]  # fmt: skip


# --- every text field has its canary ----------------------------------------------------------------------------------


def text_fields(name: str, node: Any, at: str = "") -> Iterator[str]:
    """Walk a schema and give the path of every field that holds somebody's own words."""
    if not isinstance(node, dict):
        return
    if reference := node.get("$ref"):
        where, _, inside = reference.partition("#")
        if where == "vocabulary":
            return
        found = json.loads(schema.resource(f"schemas/{where or name}"))
        for step in inside.strip("/").split("/"):
            found = found[step]
        yield from text_fields(where or name, found, at)
    if node.get("format") in TEXTS:
        yield at
    for field, inner in node.get("properties", {}).items():
        yield from text_fields(name, inner, f"{at}.{field}".lstrip("."))
    for key, mark in (("items", "[]"), ("additionalProperties", ".*")):
        yield from text_fields(name, node.get(key), at + mark)
    for key in ("then", "else", "if"):
        yield from text_fields(name, node.get(key), at)
    for inner in (*node.get("allOf", ()), *node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from text_fields(name, inner, at)


def canaries(value: Any, at: str = "") -> Iterator[str]:
    if value == CANARY:
        yield at
    elif isinstance(value, dict):
        for field, inner in value.items():
            yield from canaries(inner, f"{at}.{'*' if at == 'dimensions' else field}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from canaries(inner, f"{at}[]")


@pytest.mark.parametrize("step", list(STEPS))
def test_every_text_field_of_the_form_has_its_canary(step: str) -> None:
    name = f"{step}.schema.json"
    wanted = set(text_fields(name, json.loads(schema.resource(f"schemas/{name}"))))
    sung = {path for told, form in FORMS if told == step for path in canaries(form)}
    codes = {"team[].function"}  # a line by its type, but only the codes of a list are taken
    of_two = {"note"} if step == "confirm" else set()  # another member agrees: test_undoing
    assert wanted - sung <= codes | of_two


# --- and none is found ------------------------------------------------------------------------------------------------


def numbered(value: Any, start: int = 0) -> tuple[Any, int]:
    """Give every canary a number of its own, so that each field can be looked for by itself."""
    if value == CANARY:
        return f"{CANARY}-{start:04d}", start + 1
    if isinstance(value, dict):
        told = {}
        for field, inner in value.items():
            told[field], start = numbered(inner, start)
        return told, start
    if isinstance(value, list):
        items = []
        for inner in value:
            item, start = numbered(inner, start)
            items.append(item)
        return items, start
    return value, start


def leaks(home: Home, since: float) -> list[Path]:
    """Find the canaries below the home, and in what came into the folders everybody can write in."""
    shared = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm")]  # noqa: S108
    fresh = [path for folder in shared if folder.is_dir() for path in folder.iterdir() if _is_fresh(path, since)]
    walks = (walk for root in (home.path, *fresh) for walk in os.walk(root))  # what goes meanwhile is passed over
    found = [Path(folder, name) for folder, folders, files in walks for name in (*folders, *files)]
    return [path for path in (*fresh, *found) if _sings(path)]


def _is_fresh(path: Path, since: float) -> bool:
    with suppress(OSError):  # somebody else's, gone meanwhile
        return path.lstat().st_mtime >= since and not path.name.startswith("pytest-of-")
    return False


def _sings(path: Path) -> bool:
    data = b""
    with suppress(OSError):
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    return CANARY in path.name or any(CANARY.encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be"))


def test_what_is_typed_is_found_in_the_sealed_files_only(town: Home) -> None:
    take_in(town, "bo")
    began = time.time()
    forms, count = numbered([[step, form] for step, form in FORMS])
    number, said = "", []
    for step, form in forms:
        command, of = step.split("-"), REQUEST if step in ("request-decide", "request-answer") else number
        command = command if command[0] == "request" else [step]
        written = town.run(*command, *([of] if of else []), "--from", "-", typed=json.dumps(form))
        assert written.code == 0, written
        number = number or written.out.strip()
        said.append(written)
    for words in (("list",), ("due", "--within", "9999"), ("report", "--internal"), ("verify",)):
        said.append(town.run(*words))
    assert all(CANARY not in answer.out + answer.err for answer in said)
    assert leaks(town, began) == []
    found = set(re.findall(rf"{CANARY}-(\d+)", town.ok("show", number, "--format", "json")))
    relation = forms[0][1]["referrer"]["relation"].rpartition("-")[2]
    assert found == {f"{serial:04d}" for serial in range(count)} - {relation}, "all but what was redacted"
    workspace = town.workspace()
    kept = json.dumps(
        [entry.body for name in workspace.store.register.journals for entry in workspace.store.entries(name)]
    )
    assert f"{CANARY}-{relation}" not in kept
    assert CANARY in town.ok("show", number)


def test_no_failure_tells_what_was_typed(town: Home) -> None:
    """One wrong thing at a time in a form full of canaries, and canaries in the places where the wrong things are."""
    began = time.time()
    form = FORMS[0][1]
    yaml = codec.encode(form).decode()
    wrong = [
        *({**form, field: f"{CANARY} igen"} for field in ("received", "received_by", "related", "acute", "group_size")),
        {**form, CANARY: CANARY},
        {**form, "subject": {"kind": CANARY, "name": CANARY, CANARY: {CANARY: CANARY}}},
        {**form, "referrer": {"member": CANARY.lower(), "name": CANARY}},
        {**form, "referrer": {"member": "klub-nord", "other": "anonymous", "name": CANARY}},
        {**form, "observations": [{"sign": CANARY, "when": CANARY, "text": CANARY}]},
        {**form, "subject": {"kind": "person", "cpr": CANARY, "born": CANARY}},
        {**form, "concern": [CANARY]},
        {**form, "tried": {CANARY: [CANARY]}},
    ]
    broken = [
        yaml + f"{CANARY}\n",
        yaml + f"tried: {CANARY}\n",
        yaml + f"{CANARY}: &{CANARY} !{CANARY} *{CANARY}\n",
        yaml + f'"{CANARY}\n',
        yaml + f"? [{CANARY}, {{{CANARY}: \n",
        f"%{CANARY} 1\n---\n{yaml}",
        yaml.replace(CANARY, CANARY + "\x1b[31m", 1),
        json.dumps(form)[:-1] + f', "{CANARY}" {CANARY}',
    ]
    before = town.everything()
    whole = "\n---\n".join([*map(json.dumps, wrong)])
    for typed in (*broken, whole):
        answer = town.run("create", "--from", "-", typed=typed)
        assert answer.code == 12, (typed, answer)
        assert CANARY.casefold() not in (answer.out + answer.err).casefold()
    for words in (("triage", "1"), ("plan", "1"), ("note", "99"), ("follow-up", "5")):
        answer = town.run(*words, "--from", "-", typed=json.dumps({"reason": CANARY, CANARY: CANARY}))
        assert answer.code in (10, 11, 12)
        assert CANARY not in answer.out + answer.err
    debug = town.run("--debug", "create", "--from", "-", typed=broken[0])
    assert CANARY not in debug.err
    assert town.everything() == before
    assert leaks(town, began) == []


def test_a_failure_of_the_disk_tells_nothing_either(town: Home) -> None:
    began = time.time()
    typed = json.dumps(FORMS[0][1])
    (town.path / "state").rename(town.path / "gone")
    (town.path / "state").write_text("")
    answer = town.run("--debug", "create", "--from", "-", typed=typed)
    assert answer.code in range(30, 50), answer
    assert CANARY not in answer.out + answer.err
    assert leaks(town, began) == []


def test_an_unexpected_failure_names_its_kind_and_place_only(town: Home) -> None:
    """A defect is played: a function of the program fails with the whole form in its message."""
    script = (
        "import sys; from ballerup_cli.services.cases import casework; from ballerup_cli.cli import main\n"
        "def broken(*told, **more): raise RuntimeError(str(told))\n"
        "casework.breaches = broken; main.run()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "--debug", "create", "--from", "-"],
        input=json.dumps(FORMS[0][1]).encode(), capture_output=True, env=town.environ(), cwd=town.work,
        start_new_session=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert b"RuntimeError" in ended.stderr
    assert b"casework.py:" in ended.stderr
    assert CANARY.encode() not in ended.stderr
    assert len(town.case("1")["entries"]) == 1


# --- the editor -------------------------------------------------------------------------------------------------------


EDITOR = f"""#!{sys.executable}
import pathlib, sys
form = pathlib.Path(sys.argv[-1])
text = form.read_text()
if "{CANARY}" not in text:
    text = text.replace("text: |-", "text: |-\\n  {CANARY}\\n", 1) + "extra: {CANARY}\\n"
form.write_text(text)
"""


@pytest.mark.skipif(not in_memory(str(MEMORY), mounts()), reason="no folder in memory on this machine")
def test_a_form_left_in_the_editor_is_kept_sealed_and_nowhere_else(town: Home) -> None:
    """The editor types a canary and a wrong field, gets the form back, and gives up."""
    began = time.time()
    editor = town.path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        town.command("note", "1"),
        stdin=inside, stdout=inside, stderr=inside, cwd=town.work, start_new_session=True,
        env=town.environ() | {"EDITOR": str(editor), "TERM": "dumb"},
    ) as process:  # fmt: skip
        os.close(inside)
        screen = b""
        with suppress(OSError):  # the program has ended and taken its side with it
            while chunk := os.read(terminal, 4096):
                screen += chunk
        code = process.wait(timeout=30)
    os.close(terminal)
    editor.unlink()
    assert code == 130, screen
    assert CANARY.encode() not in screen
    (draft,) = (town.path / "state").glob("*/draft-*.age")
    assert draft.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert leaks(town, began) == []
