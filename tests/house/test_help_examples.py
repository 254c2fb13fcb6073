"""Every command's help ends with an example, and every example is run: in a store that is ready, as it stands there."""

import json
import os
import subprocess
from collections.abc import Iterator

import click
import invented
import pytest
from cli_kit import CASES, EXAMPLES, PROGRAM, Home, take_in
from languages import LANGUAGES, leaves, shipped, strangers, words

from ballerup_cli.cli.main import main
from ballerup_cli.cli.ui.params import Group
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.services.forms import drafts

VALID = EXAMPLES.parent.parent / "tests" / "examples" / "valid"


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, str]]:
    for name, made in group.commands.items():
        if isinstance(made, Group):
            yield from commands(made, f"{above}{name} ")
        if not isinstance(made, Group) or made.example:
            yield f"{above}{name}", getattr(made, "example", "")


ALL = dict(commands(main))
FORMS = {
    "create": invented.create(),
    "triage": invented.police(),
    "assess": invented.assess(),
    "plan": invented.plan(),
    "follow-up": invented.follow_up(),
    "close": invented.close("no-basis"),
    "reopen": invented.REOPEN,
    "extend": invented.extend(),
    "confirm": invented.CONFIRM,
    "undo": invented.UNDO,
    "note": invented.note(),
    "contact": invented.contact("conversation", "2026-06-20"),
    "share": invented.share(),
    "correct": invented.correct(),
    "restrict": invented.restrict(),
    "shield": invented.shield("anna"),
    "redact": invented.redact(),
    "link": invented.link(),
    "hand-over": invented.hand_over(),
    "erase": {"archive": "discarded", "rule": "art. 17", "reason": "Udløbet"},
    "pladen-add": {"code": "ny", "name": "Ny forening", "ring": "plade-2", "sector": "civil-society"},
    "pladen-edit": {"code": "talent", "ambassador": "leder"},
    "pladen-retire": {"code": "talent", "until": "2026-12-31"},
    "activity-add": {"kind": "oplaeg", "date": "2026-06-01"},
    "activity-edit": {"number": 1, "held": True},
    "networks-add": {"code": "ny", "name": "Netværk"},
    "networks-edit": {"code": "ssp", "purpose": "Trivsel"},
    "networks-retire": {"code": "ssp", "until": "2026-12-31"},
    "beredskab-adopt": {"document": "beredskab", "version": "1", "adopted": "2026-06-01"},
    "breach-add": {"discovered": "2026-06-20T10:00", "what": "Et brev"},
    "breach-edit": {"number": 1, "reported": "2026-06-21T10:00"},
    "proof-add": {"what": "restore-proof", "done": "2026-06-01"},
    "settings": {"late_after_days": 6},
    "minutes": {"case": "2026-0003", **invented.note()},
    "request": {"kind": "access", "requester": {"who": "subject", "name": "Mor Opdigtet"}, "received": "2026-06-19"},
    "decision": {"decisions": [{"entry": 1, "decision": "given"}]},
    "answer": {"answered": "2026-06-30"},
}
IN_STATE = {"assess": "2026-0003", "plan": "2026-0004", "follow-up": "2026-0005", "reopen": "2026-0006"}
IN_STATE |= {"extend": "2026-0006", "confirm": "2026-0006", "document": "2026-0005", "link": "2026-0005"}
"""Which case stands for the example's where its step wants another state."""
ENDS = {"ballerup check": 3, "ballerup doctor": 3, "ballerup confirm 2026-0001 --from confirm.yaml": 12}
"""Examples that find something, which is what they are for."""
ASKS = {
    "ballerup search --state planned",
    "ballerup meeting minutes 1",
    "ballerup keys passphrase",
    "ballerup shell --idle 15",
    "ballerup start",
    "ballerup drafts continue 2",
}
"""Examples for a terminal, which ask there; here nobody can be asked."""
AGREED = {"restore", "members add", "members remove", "members recover", "keys rotate"}
AGREED |= {"settings profile", "drafts throw"}
"""Examples that ask before they go on; here somebody has agreed beforehand."""
ELSEWHERE = {"init", "members join", "members recover", "keys new"}
"""Examples for a machine that knows no store yet."""
BEFORE = {
    "activity edit": ["activity add --from activity-add.yaml"],
    "networks edit": ["networks add --from ssp.yaml"],
    "networks retire": ["networks add --from ssp.yaml"],
    "breach edit": ["breach add --from breach-add.yaml"],
    "undo": ["note 2026-0001 --from note.yaml"],
    "meeting show": ["meeting open 2026-0003"],
    "meeting minutes": ["meeting open 2026-0003"],
    "document": ["share 2026-0005 --from share.yaml"],
    "report combine": [
        "report --format json --out ballerup.json",
        "report --from 2025-01-01 --to 2025-12-31 --format json --out herlev.json",
    ],
    "restore": ["backup {usb}/ballerup"],
    "request decide": ["request open 2026-0001 --from request.yaml"],
    "request answer": ["request open 2026-0001 --from request.yaml", "request decide R2026-001 --from decision.yaml"],
}
FOR_PROGRAMS = {"completion", "cron print"}
"""What other programs read, as they want it."""
INVENTED = set().union(*map(words, leaves([*CASES.values(), *FORMS.values()])))
"""The words of what records say here."""


@pytest.fixture
def ready(town: Home) -> Home:
    for name, form in FORMS.items():
        (town.work / f"{name}.yaml").write_text(json.dumps(form))
    (town.work / "ssp.yaml").write_text(json.dumps({"code": "ssp", "name": "SSP"}))
    (town.work / "concerns.csv").write_text(
        "Modtaget;Henvender;Person eller gruppe;Navn;CPR;Født;Haster;Bekymring;Set eller hørt;Journalnummer\n"
    )
    (town.path / "usb").mkdir()
    (town.path / ".local/share/man/man1").mkdir(parents=True)
    return town


def _card(ready: Home, usb: str, *, join: bool) -> None:
    """Let somebody elsewhere make his keys, and be added where the example is how he joins."""
    elsewhere = {"BALLERUP_CONFIG_DIR": f"{usb}/c", "BALLERUP_STATE_DIR": f"{usb}/s"}
    card = ready.ok("keys", "new", "--as", "bodil", "--no-passphrase", **elsewhere)
    (ready.work / "bodil.yaml").write_text(card)
    if join:
        (ready.work / "code.txt").write_text(ready.ok("members", "add", "--from", "bodil.yaml", "--yes"))


def _left(ready: Home) -> None:
    """Leave two forms unfinished, as only somebody at a terminal can."""
    for form, case in (("create", None), ("note", "2026-0001")):
        typed = drafts.Content(answers={(name,): told for name, told in FORMS[form].items() if isinstance(told, str)})
        drafts.begin(ready.workspace(), form, case, typed)


@pytest.mark.long
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_the_example_of_a_command_runs_and_speaks_one_language(ready: Home, name: str, lang: str) -> None:
    example, usb = ALL[name], str(ready.path / "usb")
    assert example, f"{name} has no example"
    for before in BEFORE.get(name, ()):
        ready.ok(*before.format(usb=usb).split())
    if name in ("hand-over", "members remove"):
        take_in(ready, "bo" if name == "hand-over" else "bodil")
    if name in ("members add", "members join"):
        _card(ready, usb, join=name == "members join")
    if name.startswith("drafts"):
        _left(ready)
    for line in example.splitlines():
        if line.startswith("age "):
            continue  # another program; the interop tests open our files with others
        call = line.replace("/media/usb", usb).replace("/tmp/", f"{ready.path}/")  # noqa: S108
        call = call.replace("2026-0001", IN_STATE.get(name, "2026-0001"))
        call = call.replace("/srv/ballerup/store", str(ready.store)).replace(" PIN ", f" {ready.anchor.parent.name} ")
        call = call.replace("--recovery-file recovery.txt", f"--recovery-file {ready.path}/recovery.txt")
        if name in ELSEWHERE:
            call = f"BALLERUP_CONFIG_DIR={usb}/c BALLERUP_STATE_DIR={usb}/s {call}"
            call = call if name == "members join" else call.replace(" --as", " --no-passphrase --as")
        call += " --yes" if name in AGREED else ""
        environment = {
            **ready.environ(),
            "BALLERUP_LANG": lang,
            "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
            "XDG_RUNTIME_DIR": usb,
        }
        where = {"cwd": ready.work, "env": environment, "capture_output": True, "start_new_session": True}
        ended = subprocess.run(["bash", "-c", call], check=False, **where)
        expected = 2 if line in ASKS else ENDS.get(line, 0)
        printed = ended.stdout.decode() + ended.stderr.decode()
        assert ended.returncode == expected, (call, printed)
        told = INVENTED | (shipped() if name == "demo" else set())
        assert name in FOR_PROGRAMS or printed[:1] in "{[" or not strangers(printed, lang, told), (call, printed)


def test_every_form_of_the_examples_is_one_there_is() -> None:
    forms = {path.name for path in VALID.iterdir()}
    assert set(PAGES) <= set(FORMS) and set(PAGES) <= forms
