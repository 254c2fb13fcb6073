"""The life of one unfounded concern: told, looked into, closed, kept for its time, erased, and never brought back."""

import json
import shutil
from pathlib import Path

import invented
from cli_kit import Home

WORDS = ("Gærdesmutten", "010190-0000", "Rødkælken")
"""What stands in the case and nowhere else: the subject's name and number, and a word of the concern."""
YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal", "--format", "json")


def found(home: Home, *extra: Path) -> list[str]:
    """Where a word of the case is: in any file as it lies, and in any record that can still be opened."""
    files = [path for root in (home.path, *extra) for path in root.rglob("*") if path.is_file()]
    plain = [str(path) for path in files if any(word.encode() in path.read_bytes() for word in WORDS)]
    workspace = home.workspace()
    opened = [
        name
        for name in workspace.store.register.journals
        if any(word in record.body.decode() for record in workspace.store.records(name) for word in WORDS)
    ]
    return plain + opened


def in_memory() -> set[Path]:
    """What lies in the folders in memory of anybody who works now, on this machine."""
    roots = [path for path in Path("/dev/shm").iterdir() if path.name.startswith("ballerup-")]  # noqa: S108
    return {path for root in roots for path in (root, *root.rglob("*"))}


def test_an_unfounded_concern_goes_and_stays_gone(town: Home) -> None:
    memory = in_memory()
    name, cpr, word = WORDS
    concern = invented.create(
        received="2026-03-02T10:00",
        referrer={"other": "citizen", "wants_feedback": True},
        subject={"kind": "person", "name": name, "cpr": cpr, "age_band": "18-plus"},
        concern=f"Set ved {word}",
        observations=[{"text": f"Stod ved {word}"}],
    )
    case = town.ok("create", "--from", "-", typed=json.dumps(concern)).strip()
    assert town.write("share", case, invented.share()).code == 0
    assert town.write("triage", case, invented.police(decided="2026-03-04")).code == 0
    refuted = {"checked": [{"observation": 1, "status": "refuted"}], "closing": {"outcome": "unfounded"}}
    closed = town.write("triage", case, invented.joint("no-basis", decided="2026-03-10", **refuted))
    assert closed.code == 0 and "it reveals nothing" in closed.err
    assert town.write("contact", case, invented.contact("feedback", "2026-03-12")).code == 0
    assert town.write("contact", case, invented.contact("information", "2026-03-12")).code == 0
    clocks = {item["clock"]: item["due"] for item in town.case(case)["due"]}
    assert clocks == {"retention": "2026-09-10"}, "half a year from gate B"

    copy = town.path.parent / "copy"
    town.ok("backup", copy)
    before = json.loads(town.ok(*YEAR))
    proposed = json.loads(town.ok("--today", "2026-09-11", "retention", "--within", "0", "--format", "json"))
    assert (case, "erase") in {(row["case"], row["action"]) for row in proposed}
    archive = {"archive": "discarded", "rule": "arkivloven § 21", "reason": "Opbevaringen er udløbet"}
    town.ok("erase", case, "--from", "-", "--yes", typed=json.dumps(archive))
    assert found(town, copy) == [], "sealed in the copy, and nowhere else"
    assert json.loads(town.ok(*YEAR)) == before

    shutil.rmtree(town.store)
    town.ok("restore", copy, "--yes")
    town.fails(10, "show", case)
    assert json.loads(town.ok(*YEAR)) == before
    assert found(town) == [] and town.run("verify").code == 0
    assert case in town.workspace().store.register.erased
    town.ok("backup", copy)
    assert not (copy / f"{case}.yaml.age").exists()
    assert town.run("search", "--from", "-", typed=name).out == ""
    assert in_memory() <= memory and list((town.path / "tmp").iterdir()) == []
